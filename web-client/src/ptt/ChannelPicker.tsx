import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { useTranslator } from "../i18n/i18n";
import type { ChannelBoard } from "../voice/channelBoard";

interface ChannelPickerProps {
  board: ChannelBoard;
  selected: string | null;
  onSelect(channelId: string): void;
}

/** The channels as a row of chips; a dot in the service's colour shows where somebody talks. */
export function ChannelPicker({ board, selected, onSelect }: ChannelPickerProps): ReactNode {
  const translator = useTranslator();
  const active = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Newer browsers return a promise here, which an effect must not return.
    void active.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [selected]);
  return (
    <nav className="channels" aria-label={translator.t("ptt.channels")}>
      {board.order.map((id) => {
        const entry = board.byId[id];
        if (entry === undefined) return null;
        const { channel, floor } = entry;
        return (
          <button
            type="button"
            key={id}
            ref={id === selected ? active : null}
            className="channel"
            data-testid={`channel-${id}`}
            data-selected={id === selected}
            data-kind={channel.kind}
            aria-pressed={id === selected}
            onClick={() => onSelect(id)}
          >
            <span className="channel-name">{translator.name(channel)}</span>
            <span className="channel-foot">
              {floor.talker === null ? channel.number : floor.talker.callSign}
              {floor.talker !== null && <i data-service={floor.talker.service} />}
            </span>
          </button>
        );
      })}
    </nav>
  );
}
