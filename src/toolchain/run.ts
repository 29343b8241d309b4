import { execFile, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { redact } from "../model/redact.ts";
import { Problem } from "./setup-error.ts";

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks a program a short question. Code 127: there is no such program; 124: no answer within the time limit. */
export function ask(
  program: string,
  args: readonly string[],
  options: { readonly seconds?: number; readonly environment?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const settings = {
      timeout: (options.seconds ?? 10) * 1000,
      killSignal: "SIGKILL" as const,
      env: options.environment ?? process.env,
      ...(options.cwd ? { cwd: options.cwd } : {}),
      maxBuffer: 16 * 1024 * 1024,
    };
    execFile(program, args, settings, (error, stdout, stderr) => {
      const code = !error ? 0 : error.killed ? 124 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The path of a program on PATH, and in the folders of root's programs. */
export function whichProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(environment.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(existsSync);
}

export interface LongRun {
  /** What cannot be done when it fails, as the start of a sentence: `Building pulumi from plugins/cli failed`. */
  readonly failure: string;
  readonly log: string;
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly seconds?: number;
  /** It stays in the user's session, since sudo asks for the password again in a new one. @default false */
  readonly usesSudo?: boolean;
  /** Nothing is broken when the next run ends it half-way. */
  readonly mayBeEnded?: boolean;
  /** The file that names a running child, for the next run. */
  readonly childRecord: string;
}

/** Runs something that takes its time; its output goes to a log, without credentials. */
export async function runLong(program: string, args: readonly string[], run: LongRun): Promise<void> {
  mkdirSync(dirname(run.log), { recursive: true });
  const log = createWriteStream(run.log, { mode: 0o600 });
  log.write(`$ ${redact([program, ...args].join(" "))}\n`);
  // A process group of its own, which can be ended as a whole. Node makes one with a session only, and bash without; that one is
  // root's where sudo is needed, so that it could not be ended from here, and Ctrl-C does not reach it.
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
  if (pid !== undefined && run.mayBeEnded) writeFileSync(run.childRecord, identityOf(pid) ?? "");
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => log.write(`${redact(line)}\n`));
  }
  let tooLong = false;
  const limit = setTimeout(
    () => {
      tooLong = true;
      if (running !== undefined) end(running, "SIGKILL");
      for (const stream of [child.stdout, child.stderr]) stream.destroy(); // what cannot be ended has them, too
    },
    (run.seconds ?? 3600) * 1000,
  );
  const how = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? "" : signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  clearTimeout(limit);
  if (running !== undefined) allRunning.delete(running);
  rmSync(run.childRecord, { force: true });
  await new Promise<void>((resolve) => log.end(resolve));
  if (tooLong) throw new Problem(`${run.failure}: not done after ${run.seconds} seconds.`, run.log);
  if (how) throw new Problem(`${run.failure} (${how}).`, run.log);
}

/** The last lines of a log. */
export function tailOf(log: string, lines = 12): string[] {
  try {
    return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  }
}

/** As `kill` takes them: a process, or less than zero for a process group. */
const allRunning = new Set<number>();

/** Ends what still runs. */
export function endChildren(): void {
  for (const running of allRunning) end(running, "SIGTERM");
}

/** Ends what a set-up that was killed has left running; the caller holds the lock, so nobody else's can be meant. */
export async function endOrphans(childRecord: string): Promise<void> {
  if (!existsSync(childRecord)) return;
  const recorded = readFileSync(childRecord, "utf8");
  const group = Number.parseInt(recorded, 10);
  if (group > 1 && recorded === identityOf(group)) {
    end(-group, "SIGTERM");
    for (let tries = 0; tries < 30 && identityOf(group) === recorded; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    end(-group, "SIGKILL");
  }
  rmSync(childRecord, { force: true });
}

function end(running: number, signal: NodeJS.Signals): void {
  try {
    process.kill(running, signal);
  } catch {}
}

/** Pid, start time and boot: a number that was given to another process since has another start time. */
export function identityOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ");
    if (words?.[0] === "Z") return undefined;
    return `${pid} ${words?.[19]} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return undefined;
  }
}
