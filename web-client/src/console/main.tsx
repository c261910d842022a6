import { createRoot } from "react-dom/client";
import { followDocumentLanguage } from "../i18n/i18n";
import { SessionKeeper } from "../link/SessionKeeper";
import type { Account } from "../protocol/api";
import { SessionGate } from "../signin/SessionGate";
import "../theme.css";
import { ConsolePage } from "./views/ConsolePage";

function isDispatcher(account: Account): boolean {
  return account.role === "dispatcher" || account.role === "administrator";
}

const root = document.getElementById("root");
if (root !== null) {
  followDocumentLanguage("consoleTitle");
  const session = new SessionKeeper();
  createRoot(root).render(
    <SessionGate session={session} page="console" admits={isDispatcher}>
      <ConsolePage session={session} />
    </SessionGate>,
  );
}
