import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { nowMs } from "../lib/clock";
import "./emergency.css";
import type { LongPress, LongPressEvent } from "./longPress";
import { longPressMs, stepLongPress } from "./longPress";

interface LongPressButtonProps {
  label: string;
  hint: string;
  testId: string;
  isActive: boolean;
  onAct(): void;
}

/** Acts when it was held for a moment, with a finger, a mouse or the Enter key: the space bar talks. */
export function LongPressButton({ label, hint, testId, isActive, onAct }: LongPressButtonProps): ReactNode {
  const state = useRef<LongPress>({ name: "up" });
  const timer = useRef<number | undefined>(undefined);
  const [isDown, setDown] = useState(false);
  const handle = (name: LongPressEvent["name"]): void => {
    const { state: next, acts } = stepLongPress(state.current, { name }, nowMs());
    const began = state.current.name === "up" && next.name === "down";
    state.current = next;
    if (began) timer.current = window.setTimeout(() => handle("tick"), longPressMs);
    if (name === "up") window.clearTimeout(timer.current);
    setDown(next.name === "down");
    if (acts) onAct();
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return (
    <button
      type="button"
      className="long-press"
      data-testid={testId}
      data-active={isActive}
      data-down={isDown}
      aria-label={`${label} (${hint})`}
      onPointerDown={(event) => event.button === 0 && handle("down")}
      onPointerUp={() => handle("up")}
      onPointerLeave={() => handle("up")}
      onPointerCancel={() => handle("up")}
      onBlur={() => handle("up")}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => event.code === "Enter" && handle("down")}
      onKeyUp={(event) => event.code === "Enter" && handle("up")}
    >
      <strong>{label}</strong>
      <small>{hint}</small>
    </button>
  );
}
