import { AppstoreOutlined, BorderOutlined, CloseOutlined, TableOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import type { ReactNode } from "react";
import { useTranslator } from "../../i18n/i18n";
import { useStore } from "../../lib/store";
import type { Layout } from "../model/tiles";
import { openTiles } from "../model/tiles";
import { useWall } from "../WallContext";
import "./cameras.css";
import { CameraTile } from "./CameraTile";

const layoutOptions: { value: Layout; icon: ReactNode }[] = [
  { value: 1, icon: <BorderOutlined /> },
  { value: 4, icon: <AppstoreOutlined /> },
  { value: 9, icon: <TableOutlined /> },
];

/** Up to nine cameras side by side. */
export function CameraWall(): ReactNode {
  const { t } = useTranslator();
  const wall = useWall();
  const { layout, tiles, focused } = useStore(wall.wall);
  const open = openTiles({ layout, tiles, focused });
  return (
    <main className="wall" onKeyDown={(event) => event.key === "Escape" && focused !== null && wall.leaveFocus()}>
      <header className="wall-head">
        <Segmented<Layout>
          aria-label={t("camera.layout")}
          value={layout}
          onChange={(value) => wall.setLayout(value)}
          options={layoutOptions.map(({ value, icon }) => ({
            value,
            label: (
              <span data-testid={`layout-${value}`}>
                {icon} {value}
              </span>
            ),
          }))}
        />
        <span className="topbar-space" />
        {open.length > 0 && (
          <Button size="small" icon={<CloseOutlined />} onClick={() => open.forEach((tile) => wall.close(tile.cameraId))}>
            {t("camera.closeAll")}
          </Button>
        )}
      </header>
      <div className="wall-grid" data-layout={layout}>
        {tiles.map((tile, place) =>
          tile === null ? (
            <div key={`empty-${place}`} className="tile tile-empty">
              <VideoCameraOutlined />
              {place === tiles.indexOf(null) && <p>{t("camera.pick")}</p>}
            </div>
          ) : (
            <CameraTile key={tile.cameraId} tile={tile} />
          ),
        )}
      </div>
    </main>
  );
}
