import { Alert, Button, Modal, Table } from "antd";
import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslator } from "../../i18n/i18n";
import type { ApiFailure } from "../../link/ApiClient";
import { callApi, downloadFile } from "../../link/ApiClient";
import type { ImportFault, ImportReport } from "../../protocol/api";
import { decodeImportReport } from "../../protocol/api";
import { emptySearch } from "../model/cameras";
import { useWall } from "../WallContext";

const importTimeoutMs = 300_000;

/** Cameras in and out as CSV: a file is checked first, its faults are shown, then it is imported. */
export function CameraImportModal({ onClose }: { onClose(): void }): ReactNode {
  const { t } = useTranslator();
  const { file, choose, report, failure, isBusy, send, save } = useImport();
  const good = report === null ? 0 : report.created + report.changed;
  return (
    <Modal open title={t("import.title")} footer={null} width={820} onCancel={onClose}>
      <p>{t("import.why")}</p>
      <div className="import-row">
        <input
          type="file"
          accept=".csv,text/csv"
          aria-label={t("import.choose")}
          data-testid="import-file"
          onChange={(event) => choose(event.target.files?.[0] ?? null)}
        />
        <Button data-testid="import-check" disabled={file === null} loading={isBusy} onClick={() => void send(true)}>
          {t("import.check")}
        </Button>
        <Button
          type="primary"
          data-testid="import-run"
          disabled={isBusy || report === null || !report.dryRun || good === 0}
          onClick={() => void send(false)}
        >
          {t("import.run", { count: good })}
        </Button>
        <Button data-testid="import-export" onClick={() => void save()}>
          {t("import.export")}
        </Button>
      </div>
      {failure !== null && <Alert type="error" title={failureText(t, failure)} role="alert" />}
      {report !== null && <ReportTable report={report} />}
    </Modal>
  );
}

function ReportTable({ report }: { report: ImportReport }): ReactNode {
  const { t, word } = useTranslator();
  const { rows, created, changed, unchanged, faulty } = report;
  const counts = { created, changed, unchanged, faulty };
  const text = report.dryRun ? t("import.checked", { rows, ...counts }) : t("import.done", counts);
  return (
    <>
      <Alert type={faulty > 0 ? "warning" : "success"} title={text} data-testid="import-report" role="status" />
      {report.faults.length > 0 && (
        <Table<ImportFault>
          data-testid="import-faults"
          size="small"
          rowKey={(fault) => `${fault.line} ${fault.column} ${fault.fault}`}
          dataSource={report.faults}
          columns={[
            { title: t("import.line"), dataIndex: "line", width: 80 },
            { title: t("import.camera"), dataIndex: "cameraId" },
            { title: t("import.column"), dataIndex: "column" },
            { title: t("import.fault"), dataIndex: "fault", render: (fault: string) => word("fault", fault) },
          ]}
        />
      )}
    </>
  );
}

interface Import {
  file: File | null;
  report: ImportReport | null;
  failure: ApiFailure | null;
  isBusy: boolean;
  choose(file: File | null): void;
  send(dryRun: boolean): Promise<void>;
  save(): Promise<void>;
}

function useImport(): Import {
  const wall = useWall();
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const choose = (chosen: File | null): void => {
    setFile(chosen);
    setReport(null);
    setFailure(null);
  };
  const send = async (dryRun: boolean): Promise<void> => {
    const token = await wall.session.accessToken();
    if (file === null || !token.ok) return;
    setIsBusy(true);
    const path = `/api/v1/cameras/import?dryRun=${dryRun}`;
    const answer = await callApi({
      method: "POST",
      path,
      file: { type: "text/csv", data: file },
      token: token.value,
      timeoutMs: importTimeoutMs,
    });
    setIsBusy(false);
    setReport(answer.ok ? decodeImportReport(answer.value) : null);
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok && !dryRun) void wall.search(emptySearch);
  };
  const save = async (): Promise<void> => {
    const token = await wall.session.accessToken();
    if (!token.ok) return;
    const answer = await downloadFile({ method: "GET", path: "/api/v1/cameras/export", token: token.value, timeoutMs: importTimeoutMs });
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok) offer(answer.value);
  };
  return { file, choose, report, failure, isBusy, send, save };
}

function failureText(t: ReturnType<typeof useTranslator>["t"], failure: ApiFailure): string {
  if (failure.reason === "refused" && failure.problem.code === "import.running") return t("import.busy");
  return t("import.failed", { detail: failure.reason === "refused" ? failure.problem.detail : failure.detail });
}

/** Has the browser save a file. */
function offer(data: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = "cameras.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
