import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianTool } from "./debian-tool.ts";
import { type Picture, readXwd } from "./picture.ts";

export interface XServer {
  /** @example ":4" */
  readonly display: string;
  /** The variables with which a program draws on it. */
  readonly environment: { readonly DISPLAY: string; readonly XAUTHORITY: string };
  /** Restarts the server with a new cookie for the same screen, like a new login. */
  restart(): Promise<void>;
  screenshot(): Picture;
  stop(): Promise<void>;
}

/** The reason why tests with an X server cannot run on this host, for a test's `skip`. */
export function xServerLacks(): string | false {
  if (process.getuid?.() !== 0) return "running programs of unpacked packages requires a mount namespace, so root";
  return !existsSync("/usr/bin/xauth") && "xauth is not installed";
}

/** A real X server on this host, Xvfb, which requires a cookie. Its screen is 640 x 480, black, and has no window manager. */
export async function startXServer(): Promise<XServer> {
  const root = await debianTool(missingPackages(["xvfb", "x11-apps"]));
  const scratch = mkdtempSync(join(tmpdir(), "bb-x-"));
  const cookies = join(scratch, "cookies");
  const hadFolder = existsSync("/tmp/.X11-unix");
  let running = await run(root, cookies);
  const environment = { DISPLAY: running.display, XAUTHORITY: cookies };
  return {
    display: running.display,
    environment,
    async restart() {
      await running.stop();
      running = await run(root, cookies, running.display);
    },
    screenshot: () => screenshot(environment, root),
    async stop() {
      await running.stop();
      rmSync(scratch, { recursive: true });
      if (!hadFolder) removeIfEmpty("/tmp/.X11-unix");
    },
  };
}

/** A screenshot of a display that is accessible from this host. */
export function screenshot(environment: NodeJS.ProcessEnv, root: string): Picture {
  const [program = "", ...words] = overUsr(root, ["xwd", "-root", "-silent"]);
  return readXwd(execFileSync(program, words, { env: { ...process.env, ...environment }, maxBuffer: 1 << 26 }));
}

/** The number of a display whose port, 6000 plus the number, is free, in the range for a box's own server. */
export async function freeDisplay(): Promise<number> {
  for (let display = 20 + (process.pid % 80); ; display = 20 + ((display - 19) % 80)) {
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer().once("error", () => resolve(false));
      server.listen(6000 + display, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return display;
  }
}

/** The folder of the unpacked X programs. */
export const xPrograms = (): Promise<string> => debianTool(missingPackages(["xvfb", "x11-apps"]));

async function run(
  root: string,
  cookies: string,
  wanted?: string,
): Promise<{ display: string; stop(): Promise<void> }> {
  const cookie = randomBytes(16).toString("hex");
  const add = (display: string) => {
    writeFileSync(cookies, "", { mode: 0o600 });
    execFileSync("xauth", ["-q", "-f", cookies], { input: `add ${display} . ${cookie}\n` });
  };
  add(wanted ?? ":0"); // the server needs the cookie before its number is known
  const number = wanted === undefined ? ["-displayfd", "3"] : [wanted, "-displayfd", "3"];
  const options = [...number, "-screen", "0", "640x480x24", "-auth", cookies, "-nolisten", "tcp", "-noreset"];
  const [program = "", ...words] = overUsr(root, ["Xvfb", ...options]);
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let output = "";
  child.stderr?.on("data", (piece) => {
    output += piece;
  });
  const display = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once("data", (piece) => resolve(`:${String(piece).trim()}`));
    child.once("exit", (code) => reject(new Error(`Xvfb ended with exit code ${code}:\n${output}`)));
  });
  add(display);
  return {
    display,
    async stop() {
      child.kill("SIGTERM"); // so that it removes its socket and its lock
      await ended;
      process.off("exit", kill);
    },
  };
}

function overUsr(root: string, words: readonly string[]): string[] {
  return [
    "setpriv",
    "--pdeathsig=TERM",
    "unshare",
    "--mount",
    join(import.meta.dirname, "over-usr.sh"),
    root,
    ...words,
  ];
}

/** These packages and their dependencies that are not installed here. */
function missingPackages(packages: readonly string[]): string[] {
  const words = ["install", "--simulate", "--no-install-recommends", ...packages];
  const plan = execFileSync("apt-get", words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => String(name));
  return missing.length > 0 ? missing : [...packages];
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && ["ENOTEMPTY", "ENOENT", "EBUSY"].includes(String(error.code))))
      throw error;
  }
}
