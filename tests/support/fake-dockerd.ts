import { spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts a process named dockerd that only waits, with its `docker.pid` in the folder of the socket `FOLDER/docker.sock`. Returns after the
 * second that `EngineProcess.startedAt` names.
 *
 * @returns a function that stops it
 */
export async function startFakeDockerd(folder: string, path: string): Promise<() => void> {
  copyFileSync("/bin/sleep", join(folder, "dockerd"));
  const child = spawn(join(folder, "dockerd"), ["600"], { env: { PATH: path }, stdio: "ignore" });
  writeFileSync(join(folder, "docker.pid"), `${child.pid}`);
  await sleep(1100);
  return () => child.kill();
}
