import type { ReactNode } from "react";
import { useTranslator } from "../../i18n/i18n";
import type { CameraEntry } from "../../protocol/api";
import { whyDark } from "../model/why";

interface CameraItemProps {
  camera: CameraEntry;
  isOpen: boolean;
  nowMs: number;
  onPick(): void;
}

/** One camera of the list: its name, how it is, and why it is dark when it is. */
export function CameraItem({ camera, isOpen, nowMs, onPick }: CameraItemProps): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const name = translator.name(camera) || camera.id;
  const why = whyDark(translator, camera, nowMs);
  return (
    <button
      type="button"
      className="camera-item"
      data-testid={`camera-item-${camera.id}`}
      data-state={camera.state}
      data-condition={camera.condition}
      aria-pressed={isOpen}
      aria-label={[t(isOpen ? "camera.close" : "camera.open", { name }), why].filter((part) => part !== "").join(". ")}
      onClick={onPick}
    >
      <i data-state={camera.state} data-condition={camera.condition} />
      <span className="camera-name">{name}</span>
      <span className="camera-foot">
        {camera.state !== "idle" || why === "" ? translator.word("camera", camera.state) : ""}
        {why !== "" && <em>{camera.state === "idle" ? why : ` · ${why}`}</em>}
        {camera.department !== "" && ` · ${translator.word("service", camera.department)}`}
        {camera.viewers > 0 && ` · ${t("camera.viewers", { count: camera.viewers })}`}
      </span>
    </button>
  );
}
