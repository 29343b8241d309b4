import { spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts a process that is called dockerd and only waits, with `docker.pid` where the engine of the socket
 * `FOLDER/docker.sock` has it. Returns when `EngineProcess.startedAt` is over.
 *
 * @returns what ends it
 */
export async function startFakeDockerd(folder: string, path: string): Promise<() => void> {
  copyFileSync("/bin/sleep", join(folder, "dockerd"));
  const child = spawn(join(folder, "dockerd"), ["600"], { env: { PATH: path }, stdio: "ignore" });
  writeFileSync(join(folder, "docker.pid"), `${child.pid}`);
  await sleep(1100);
  return () => child.kill();
}
