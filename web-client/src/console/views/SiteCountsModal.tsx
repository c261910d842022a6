import { Modal, Table } from "antd";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import { callApi } from "../../link/ApiClient";
import type { SiteCounts } from "../../protocol/api";
import { decodeSiteCounts } from "../../protocol/api";
import { useWall } from "../WallContext";

const columns = ["total", "online", "degraded", "faulty", "offline", "unknown", "live"] as const;

/** How many cameras of each site are how. */
export function SiteCountsModal({ onClose }: { onClose(): void }): ReactNode {
  const { t } = useTranslator();
  const { session } = useWall();
  const [sites, setSites] = useState<SiteCounts[] | "loading" | "failed">("loading");
  useEffect(() => {
    let isWanted = true;
    void (async () => {
      const token = await session.accessToken();
      const answer = token.ok ? await callApi({ method: "GET", path: "/api/v1/cameras/counts", token: token.value }) : token;
      if (isWanted) setSites((answer.ok ? decodeSiteCounts(answer.value) : null) ?? "failed");
    })();
    return () => {
      isWanted = false;
    };
  }, [session]);
  const title = (column: (typeof columns)[number]): string =>
    column === "total" ? t("sites.total") : column === "live" ? t("camera.live") : t(`condition.${column}`);
  return (
    <Modal open title={t("sites.title")} footer={null} width={820} onCancel={onClose}>
      {sites === "failed" ? (
        <p role="alert">{t("sites.failed")}</p>
      ) : (
        <Table<SiteCounts>
          data-testid="sites-table"
          size="small"
          rowKey="id"
          loading={sites === "loading"}
          dataSource={sites === "loading" ? [] : sites}
          columns={[
            { title: t("sites.site"), dataIndex: "id", render: (id: string) => (id === "" ? t("sites.none") : id) },
            ...columns.map((column) => ({
              title: title(column),
              dataIndex: column,
              sorter: (one: SiteCounts, other: SiteCounts) => one[column] - other[column],
            })),
          ]}
        />
      )}
    </Modal>
  );
}
