import { createContext, useContext } from "react";
import type { WallController } from "./WallController";

export const WallContext = createContext<WallController | null>(null);

export function useWall(): WallController {
  const wall = useContext(WallContext);
  if (wall === null) throw new Error("This view belongs inside the console.");
  return wall;
}
