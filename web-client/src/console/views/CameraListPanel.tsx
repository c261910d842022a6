import { SearchOutlined } from "@ant-design/icons";
import { App, Button, Empty, Input, Spin } from "antd";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import { useStore } from "../../lib/store";
import type { CameraEntry } from "../../protocol/api";
import { useLinkSummary, useVoice } from "../../voice/VoiceContext";
import { matches, withStates } from "../model/cameras";
import { openTiles, tileOf } from "../model/tiles";
import { useWall } from "../WallContext";

const searchDelayMs = 250;

/** The cameras this account may see, with search and how each is now. */
export function CameraListPanel(): ReactNode {
  const { t } = useTranslator();
  const wall = useWall();
  const voice = useVoice();
  const list = useStore(wall.list);
  const states = useStore(voice.cameras);
  const open = openTiles(useStore(wall.wall)).map((tile) => tile.cameraId);
  const [text, setText] = useState("");
  const { message } = App.useApp();

  useEffect(() => {
    if (text.trim() === list.text) return;
    const timer = window.setTimeout(() => void wall.search(text.trim()), searchDelayMs);
    return () => window.clearTimeout(timer);
  }, [wall, text, list.text]);

  // A list that failed while the server was away loads by itself when the server is back.
  const link = useLinkSummary();
  useEffect(() => {
    if (link === "connected" && wall.list.get().status === "failed") void wall.search(wall.list.get().text);
  }, [wall, link]);

  const shown = withStates(list.items, states).filter((camera) => matches(camera, text));
  const pick = (camera: CameraEntry): void => {
    if (open.includes(camera.id)) wall.close(camera.id);
    else if (!wall.open(tileOf(camera))) void message.warning(t("camera.full", { count: 9 }));
  };

  return (
    <aside className="panel camera-panel" aria-label={t("camera.list")}>
      <header className="panel-head">
        <h2>{t("camera.list")}</h2>
        <span>{shown.length}</span>
      </header>
      <Input
        className="camera-search"
        allowClear
        prefix={<SearchOutlined />}
        placeholder={t("camera.search")}
        aria-label={t("camera.search")}
        data-testid="camera-search"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="panel-scroll">
        {shown.map((camera) => (
          <CameraItem key={camera.id} camera={camera} isOpen={open.includes(camera.id)} onPick={() => pick(camera)} />
        ))}
        {list.status === "loading" && shown.length === 0 && <Spin className="panel-spin" />}
        {list.status === "failed" && (
          <div className="panel-failed" role="alert">
            {t("camera.failed")}
            <Button size="small" onClick={() => void wall.search(text.trim())}>
              {t("mic.retry")}
            </Button>
          </div>
        )}
        {list.status === "loaded" && shown.length === 0 && (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text === "" ? t("camera.empty") : t("camera.none")} />
        )}
        {list.next !== null && list.status === "loaded" && (
          <Button block type="text" onClick={() => void wall.loadMore()}>
            …
          </Button>
        )}
      </div>
    </aside>
  );
}

interface CameraItemProps {
  camera: CameraEntry;
  isOpen: boolean;
  onPick(): void;
}

function CameraItem({ camera, isOpen, onPick }: CameraItemProps): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const name = translator.name(camera) || camera.id;
  return (
    <button
      type="button"
      className="camera-item"
      data-testid={`camera-item-${camera.id}`}
      data-state={camera.state}
      aria-pressed={isOpen}
      aria-label={t(isOpen ? "camera.close" : "camera.open", { name })}
      onClick={onPick}
    >
      <i data-state={camera.state} />
      <span className="camera-name">{name}</span>
      <span className="camera-foot">
        {camera.state === "reconnecting" && camera.reason !== ""
          ? t("camera.reconnectingWhy", { reason: translator.word("reason", camera.reason) })
          : translator.word("camera", camera.state)}
        {camera.department !== "" && ` · ${translator.word("service", camera.department)}`}
        {camera.viewers > 0 && ` · ${t("camera.viewers", { count: camera.viewers })}`}
      </span>
    </button>
  );
}
