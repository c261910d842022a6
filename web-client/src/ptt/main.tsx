import { createRoot } from "react-dom/client";
import { SessionKeeper } from "../link/SessionKeeper";
import { SessionGate } from "../signin/SessionGate";
import "../theme.css";
import { PttPage } from "./PttPage";

const root = document.getElementById("root");
if (root !== null) {
  const session = new SessionKeeper();
  createRoot(root).render(
    <SessionGate session={session} page="ptt" admits={(account) => account.role !== "gateway"}>
      <PttPage session={session} />
    </SessionGate>,
  );
}
