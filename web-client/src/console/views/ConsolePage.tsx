import { App, ConfigProvider, theme } from "antd";
import enUs from "antd/locale/en_US";
import zhCn from "antd/locale/zh_CN";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { publishDiagnostics } from "../../debug/diagnostics";
import { useTranslator } from "../../i18n/i18n";
import type { SessionKeeper } from "../../link/SessionKeeper";
import { UnlockOverlay } from "../../voice/UnlockOverlay";
import { WallContext } from "../WallContext";
import { WallController } from "../WallController";
import { CameraListPanel } from "./CameraListPanel";
import { CameraWall } from "./CameraWall";
import { ChannelPanel } from "./ChannelPanel";
import "./console.css";
import { TopBar } from "./TopBar";

const darkTheme = {
  algorithm: theme.darkAlgorithm,
  token: {
    colorPrimary: "#3d8bff",
    colorBgBase: "#0a101c",
    colorBgContainer: "#111a2b",
    colorBgElevated: "#182338",
    colorBorder: "#24324c",
    colorText: "#e8eef8",
    colorTextSecondary: "#93a3bd",
    borderRadius: 8,
    fontFamily: "inherit",
  },
};

/** The commander's page: channels on the left, the camera wall in the middle, the camera list on the right. */
export function ConsolePage({ session }: { session: SessionKeeper }): ReactNode {
  const { language } = useTranslator();
  const [wall, setWall] = useState<WallController | null>(null);
  useEffect(() => {
    const opened = new WallController(session);
    publishDiagnostics({ tiles: () => opened.peers() });
    setWall(opened);
    return () => {
      setWall(null);
      opened.dispose();
    };
  }, [session]);
  if (wall === null) return null;
  return (
    <WallContext.Provider value={wall}>
      <ConfigProvider theme={darkTheme} locale={language === "zh" ? zhCn : enUs}>
        <App component={false}>
          <div className="console" lang={language}>
            <TopBar session={session} />
            <ChannelPanel session={session} />
            <CameraWall />
            <CameraListPanel />
          </div>
          <UnlockOverlay />
        </App>
      </ConfigProvider>
    </WallContext.Provider>
  );
}
