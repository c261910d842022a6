import { createRoot } from "react-dom/client";
import { followDocumentLanguage } from "../i18n/i18n";
import { SessionKeeper } from "../link/SessionKeeper";
import { SessionGate } from "../signin/SessionGate";
import "../theme.css";
import { PttPage } from "./PttPage";

const root = document.getElementById("root");
if (root !== null) {
  followDocumentLanguage("pttTitle");
  const session = new SessionKeeper();
  createRoot(root).render(
    <SessionGate session={session} page="ptt" admits={(account) => account.role !== "gateway"}>
      <PttPage session={session} />
    </SessionGate>,
  );
}
