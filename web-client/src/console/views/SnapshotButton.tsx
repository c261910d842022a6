import { CameraOutlined } from "@ant-design/icons";
import { App, Button, Modal } from "antd";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import { useWall } from "../WallContext";

interface Still {
  url: string;
  ageMs: number;
}

/** Takes a still picture of the camera and shows it with its age, to look at or to keep. */
export function SnapshotButton({ cameraId, name }: { cameraId: string; name: string }): ReactNode {
  const { t, word } = useTranslator();
  const { message } = App.useApp();
  const wall = useWall();
  const [still, setStill] = useState<Still | null>(null);
  useEffect(() => () => (still === null ? undefined : URL.revokeObjectURL(still.url)), [still]);
  const take = async (): Promise<void> => {
    const taken = await wall.snapshot(cameraId);
    if (typeof taken === "string") void message.warning(t("snapshot.failed", { reason: word("reason", taken) }));
    else setStill({ url: URL.createObjectURL(taken.picture), ageMs: taken.ageMs });
  };
  return (
    <>
      <Button
        size="small"
        type="text"
        icon={<CameraOutlined />}
        aria-label={t("snapshot.take", { name })}
        data-testid={`tile-snapshot-${cameraId}`}
        onClick={() => void take()}
      />
      <Modal open={still !== null} title={name} footer={null} width="80vw" onCancel={() => setStill(null)}>
        {still !== null && (
          <figure className="snapshot">
            <img src={still.url} alt={name} data-testid={`snapshot-${cameraId}`} />
            <figcaption>
              <span data-testid={`snapshot-age-${cameraId}`}>{t("snapshot.age", { seconds: (still.ageMs / 1000).toFixed(1) })}</span>
              <a href={still.url} download={`${cameraId}.jpg`}>
                {t("snapshot.save")}
              </a>
            </figcaption>
          </figure>
        )}
      </Modal>
    </>
  );
}
