import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { redact } from "../model/redact.ts";
import { SetupError } from "./setup-error.ts";

/** The path of a program on PATH or in the folders of root's programs. */
export function whichProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(environment.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** How to run a long command. */
export interface LongRun {
  /** The start of the message for a failure: `building pulumi from plugins/cli failed`. */
  readonly failure: string;
  /** The file that the output goes to. */
  readonly log: string;
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The time limit. @default 3600 */
  readonly seconds?: number;
  /** Keeps the command in the user's session, since sudo asks for the password again in a new one. @default false */
  readonly usesSudo?: boolean;
  /** The next set-up may stop the command halfway without breaking anything. @default false */
  readonly isInterruptible?: boolean;
  /** The file that identifies the running command, for the next set-up. */
  readonly childRecord: string;
}

/** Runs a long command and writes its output to a log, without credentials. @throws SetupError if it fails */
export async function runLong(program: string, args: readonly string[], run: LongRun): Promise<void> {
  mkdirSync(dirname(run.log), { recursive: true });
  const log = createWriteStream(run.log, { mode: 0o600 });
  log.write(`$ ${redact([program, ...args].join(" "))}\n`);
  // The command gets its own process group, which can be killed as a whole. Node creates one only together with a session; bash creates
  // one without. With sudo the group belongs to root, so it cannot be killed from here, and Ctrl-C does not reach it.
  const inSession = run.usesSudo && process.getuid?.() !== 0;
  const [first, ...others] = inSession
    ? ["bash", "-c", 'set -m; "$@" & set +m; wait "$!"', "-", program, ...args]
    : [program, ...args];
  const child = spawn(first, others, {
    cwd: run.cwd,
    env: run.environment ?? process.env,
    detached: !inSession,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  const running = pid && (inSession ? pid : -pid);
  if (running !== undefined) allRunning.add(running);
  if (pid !== undefined && run.isInterruptible) writeFileSync(run.childRecord, identityOf(pid) ?? "");
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => log.write(`${redact(line)}\n`));
  }
  const { seconds = 3600 } = run;
  let hasTimedOut = false;
  const limit = setTimeout(() => {
    hasTimedOut = true;
    if (running !== undefined) kill(running, "SIGKILL");
    for (const stream of [child.stdout, child.stderr]) stream.destroy(); // a process that cannot be killed holds them open, too
  }, seconds * 1000);
  const failure = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? "" : signal ? `killed by ${signal}` : `exit code ${code}`),
    );
  });
  clearTimeout(limit);
  if (running !== undefined) allRunning.delete(running);
  rmSync(run.childRecord, { force: true });
  await new Promise<void>((resolve) => log.end(resolve));
  if (hasTimedOut) throw new SetupError(`${run.failure}: not finished after ${seconds} s`, run.log);
  if (failure) throw new SetupError(`${run.failure}: ${failure}`, run.log);
}

/** The last lines of a log. */
export function tailOf(log: string, lines = 12): string[] {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  }
}

/** Process ids as `kill` accepts them: negative for a process group. */
const allRunning = new Set<number>();

/** Stops all commands that are still running. */
export function stopChildren(): void {
  for (const running of allRunning) kill(running, "SIGTERM");
}

/**
 * Stops the command that a killed set-up left running. The caller must hold the lock of the cache, so that the record cannot belong to
 * another running set-up.
 */
export async function stopOrphans(childRecord: string): Promise<void> {
  if (!existsSync(childRecord)) return;
  const recorded = readFileSync(childRecord, "utf8");
  const group = Number.parseInt(recorded, 10);
  if (group > 1 && recorded === identityOf(group)) {
    kill(-group, "SIGTERM");
    for (let tries = 0; tries < 30 && identityOf(group) === recorded; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    kill(-group, "SIGKILL");
  }
  rmSync(childRecord, { force: true });
}

function kill(running: number, signal: NodeJS.Signals): void {
  try {
    process.kill(running, signal);
  } catch {}
}

/** Pid, start time and boot id: they identify a process even after its pid was reused. */
export function identityOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ");
    if (words?.[0] === "Z") return undefined;
    return `${pid} ${words?.[19]} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return undefined;
  }
}
