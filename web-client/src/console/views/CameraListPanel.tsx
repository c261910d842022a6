import { BarsOutlined, SearchOutlined, SwapOutlined } from "@ant-design/icons";
import { App, Button, Empty, Input, Select, Spin, Tooltip } from "antd";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import { nowMs } from "../../lib/clock";
import { useStore } from "../../lib/store";
import { useNow } from "../../lib/useNow";
import type { CameraEntry } from "../../protocol/api";
import { useLinkSummary, useVoice } from "../../voice/VoiceContext";
import type { CameraSearch } from "../model/cameras";
import { isSameSearch, withStates } from "../model/cameras";
import { openTiles, tileOf } from "../model/tiles";
import { useWall } from "../WallContext";
import { CameraImportModal } from "./CameraImportModal";
import { CameraItem } from "./CameraItem";
import { SiteCountsModal } from "./SiteCountsModal";

const searchDelayMs = 250;
const minuteMs = 60_000;
const conditions = ["", "online", "degraded", "faulty", "offline", "unknown"];

/** The cameras this account may see, searched and paged by the server, and how each is now. */
export function CameraListPanel(): ReactNode {
  const { t, word } = useTranslator();
  const wall = useWall();
  const voice = useVoice();
  const list = useStore(wall.list);
  const states = useStore(voice.cameras);
  const open = openTiles(useStore(wall.wall)).map((tile) => tile.cameraId);
  const [text, setText] = useState("");
  const [condition, setCondition] = useState("");
  const { message } = App.useApp();
  useSearch({ text: text.trim(), condition });

  const now = useNow(nowMs, minuteMs);
  const shown = withStates(list.items, states);
  const pick = (camera: CameraEntry): void => {
    if (open.includes(camera.id)) wall.close(camera.id);
    else if (!wall.open(tileOf(camera))) void message.warning(t("camera.full", { count: 9 }));
  };

  return (
    <aside className="panel camera-panel" aria-label={t("camera.list")}>
      <header className="panel-head">
        <h2>{t("camera.list")}</h2>
        <span data-testid="camera-count">{t("camera.count", { shown: shown.length, total: list.total })}</span>
        <PanelTools />
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
      <Select
        className="camera-search"
        size="small"
        aria-label={t("camera.condition")}
        data-testid="camera-condition"
        value={condition}
        onChange={setCondition}
        options={conditions.map((value) => ({ value, label: word("condition", value === "" ? "any" : value) }))}
      />
      <div className="panel-scroll" onScroll={(event) => isAtEnd(event.currentTarget) && void wall.loadMore()}>
        {shown.map((camera) => (
          <CameraItem key={camera.id} camera={camera} isOpen={open.includes(camera.id)} nowMs={now} onPick={() => pick(camera)} />
        ))}
        {list.status === "loading" && <Spin className="panel-spin" />}
        {list.status === "failed" && (
          <div className="panel-failed" role="alert">
            {t("camera.failed")}
            <Button size="small" onClick={() => void wall.search(list.search)}>
              {t("mic.retry")}
            </Button>
          </div>
        )}
        {list.status === "loaded" && shown.length === 0 && (
          <Empty
            image={Empty.PRESENTED_IMAGE_SIMPLE}
            description={text === "" && condition === "" ? t("camera.empty") : t("camera.none")}
          />
        )}
        {list.next !== null && list.status === "loaded" && (
          <Button block type="text" data-testid="camera-more" onClick={() => void wall.loadMore()}>
            {t("camera.more")}
          </Button>
        )}
      </div>
    </aside>
  );
}

/** Counts for everyone, import and export for administrators. */
function PanelTools(): ReactNode {
  const { t } = useTranslator();
  const account = useStore(useVoice().account);
  const [opened, setOpened] = useState<"sites" | "import" | null>(null);
  const close = (): void => setOpened(null);
  return (
    <span className="panel-tools">
      <Tooltip title={t("sites.title")}>
        <Button size="small" type="text" icon={<BarsOutlined />} aria-label={t("sites.title")} data-testid="sites-open" onClick={() => setOpened("sites")} />
      </Tooltip>
      {account?.role === "administrator" && (
        <Tooltip title={t("import.title")}>
          <Button size="small" type="text" icon={<SwapOutlined />} aria-label={t("import.title")} data-testid="import-open" onClick={() => setOpened("import")} />
        </Tooltip>
      )}
      {opened === "sites" && <SiteCountsModal onClose={close} />}
      {opened === "import" && <CameraImportModal onClose={close} />}
    </span>
  );
}

/** Asks the server when the wanted search has stood for a moment, and again when it is back after a failure. */
function useSearch({ text, condition }: CameraSearch): void {
  const wall = useWall();
  const { search } = useStore(wall.list);
  const isAsked = isSameSearch(search, { text, condition });
  useEffect(() => {
    if (isAsked) return;
    const timer = window.setTimeout(() => void wall.search({ text, condition }), searchDelayMs);
    return () => window.clearTimeout(timer);
  }, [wall, text, condition, isAsked]);
  const link = useLinkSummary();
  useEffect(() => {
    if (link === "connected" && wall.list.get().status === "failed") void wall.search(wall.list.get().search);
  }, [wall, link]);
}

function isAtEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < box.clientHeight / 2;
}
