import { PhoneOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import type { ReactNode } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import type { SessionKeeper } from "../../link/SessionKeeper";
import { useStore } from "../../lib/store";
import { useVoice } from "../../voice/VoiceContext";
import { Dialer, isOver } from "../model/dialer";
import "./dial.css";

/** Calls a number into a channel and shows how the calls go; the newest ones first. */
export function DialBox({ session }: { session: SessionKeeper }): ReactNode {
  const { t, name } = useTranslator();
  const voice = useVoice();
  const board = useStore(voice.board);
  const dialer = useRef<Dialer>(null);
  dialer.current ??= new Dialer(session);
  const calls = useStore(dialer.current.calls);
  const [number, setNumber] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [refusal, setRefusal] = useState("");
  useEffect(() => dialer.current?.follow(), []);

  const speakable = board.order.filter((id) => board.byId[id]?.channel.right !== "listen");
  const channelId = chosen ?? speakable[0] ?? null;
  const dial = useCallback(async () => {
    if (channelId === null || number.trim() === "") return;
    const code = await dialer.current?.dial(number.trim(), channelId);
    setRefusal(code ?? "");
    if (code === null) setNumber("");
  }, [channelId, number]);

  if (speakable.length === 0) return null;
  return (
    <section className="dial" aria-label={t("dial.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void dial();
        }}
      >
        <Input
          value={number}
          maxLength={64}
          aria-label={t("dial.number")}
          placeholder={t("dial.number")}
          data-testid="dial-number"
          onChange={(event) => setNumber(event.target.value)}
        />
        <Select
          value={channelId}
          aria-label={t("dial.channel")}
          data-testid="dial-channel"
          options={speakable.map((id) => ({ value: id, label: name(board.byId[id]?.channel ?? { nameZh: id, nameEn: id }) }))}
          onChange={(id: string) => setChosen(id)}
        />
        <Button htmlType="submit" type="primary" icon={<PhoneOutlined />} aria-label={t("dial.call")} title={t("dial.call")} data-testid="dial-call" />
      </form>
      <p role="alert" data-testid="dial-refusal">
        {refusal === "" ? "" : t(refusalText(refusal))}
      </p>
      <ul>
        {calls.map((call) => (
          <li key={call.id} data-stage={call.stage} data-testid={`dial-${call.id}`}>
            <span>{call.number}</span>
            <em>{call.stage === "ended" && call.status > 0 ? t("dial.refused", { status: call.status }) : t(stageTexts[call.stage])}</em>
            {!isOver(call) && (
              <Button size="small" danger onClick={() => void dialer.current?.hangUp(call.id)} data-testid={`dial-end-${call.id}`}>
                {t("dial.hangUp")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const stageTexts = {
  calling: "dial.calling",
  ringing: "dial.ringing",
  up: "dial.up",
  ended: "dial.ended",
} as const;

function refusalText(code: string): "dial.noNumber" | "dial.notReachable" | "dial.failed" {
  if (code === "number.notFound") return "dial.noNumber";
  return code === "number.notReachable" ? "dial.notReachable" : "dial.failed";
}
