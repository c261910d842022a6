import { CloseOutlined, CompressOutlined, ExpandOutlined, MutedOutlined, SoundOutlined } from "@ant-design/icons";
import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import { formatElapsed, nowMs } from "../../lib/clock";
import { useStore } from "../../lib/store";
import { useNow } from "../../lib/useNow";
import type { WhepLink } from "../../link/WhepLink";
import { useVoice } from "../../voice/VoiceContext";
import type { Tile } from "../model/tiles";
import { reasonText, whyDark } from "../model/why";
import { useWall } from "../WallContext";
import { SnapshotButton } from "./SnapshotButton";

/** One camera's picture with its name, its state and how long it has been live. */
export function CameraTile({ tile }: { tile: Tile }): ReactNode {
  const wall = useWall();
  const link = wall.link(tile.cameraId);
  return link === undefined ? null : <LinkedTile tile={tile} link={link} />;
}

function LinkedTile({ tile, link }: { tile: Tile; link: WhepLink }): ReactNode {
  const translator = useTranslator();
  const { t } = translator;
  const wall = useWall();
  const state = useStore(link.state);
  const stream = useStore(link.stream);
  const name = translator.name(tile) || tile.cameraId;
  const cover = useCoverText(tile.cameraId, state.name === "reconnecting" ? state.reason : null);
  const isFocused = useStore(wall.wall).focused === tile.cameraId;
  const [isMuted, setMuted] = useState(true);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
  }, [stream]);
  return (
    <section
      className="tile"
      data-testid={`camera-tile-${tile.cameraId}`}
      data-state={state.name}
      data-focused={isFocused}
      aria-label={name}
      onDoubleClick={() => wall.toggleFocus(tile.cameraId)}
    >
      <video ref={video} muted={isMuted} autoPlay playsInline onLoadedData={() => wall.pictureShown(tile.cameraId)} />
      {state.name !== "live" && (
        <div className="tile-cover">
          <Spin />
          <span data-testid={`tile-state-${tile.cameraId}`}>{cover}</span>
        </div>
      )}
      <header>
        <i data-state={state.name} />
        <strong>{name}</strong>
        {state.name === "live" && <LiveTime sinceMs={state.sinceMs} />}
        <Button
          size="small"
          type="text"
          icon={isMuted ? <MutedOutlined /> : <SoundOutlined />}
          aria-label={t(isMuted ? "camera.listen" : "camera.mute", { name })}
          aria-pressed={!isMuted}
          onClick={() => setMuted(!isMuted)}
        />
        <SnapshotButton cameraId={tile.cameraId} name={name} />
        <Button
          size="small"
          type="text"
          icon={isFocused ? <CompressOutlined /> : <ExpandOutlined />}
          aria-label={t(isFocused ? "camera.unfocus" : "camera.focus", { name })}
          aria-pressed={isFocused}
          data-testid={`tile-focus-${tile.cameraId}`}
          onClick={() => wall.toggleFocus(tile.cameraId)}
        />
        <Button
          size="small"
          type="text"
          icon={<CloseOutlined />}
          aria-label={t("camera.close", { name })}
          data-testid={`tile-close-${tile.cameraId}`}
          onClick={() => wall.close(tile.cameraId)}
        />
      </header>
    </section>
  );
}

function LiveTime({ sinceMs }: { sinceMs: number }): ReactNode {
  const now = useNow(nowMs, 1_000);
  return <time>{formatElapsed(now - sinceMs)}</time>;
}

/** What covers the picture: what ails the camera where the hub told it, else the link's own reason. */
function useCoverText(cameraId: string, reason: string | null): string {
  const translator = useTranslator();
  const { t } = translator;
  const feed = useStore(useVoice().cameras)?.[cameraId];
  const why = feed === undefined ? "" : whyDark(translator, feed, nowMs());
  if (why !== "") return why;
  if (feed !== undefined && feed.state !== "live" && feed.reason !== "" && feed.reason !== "connecting") {
    return reasonText(translator, feed.reason);
  }
  return reason === null ? t("camera.connectingLong") : t("camera.reconnectingWhy", { reason: reasonText(translator, reason) });
}
