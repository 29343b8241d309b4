import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./clone.ts";
import { debianTool } from "./debian-tool.ts";

export interface ProxyOptions {
  readonly kind: "http" | "socks5";
  /** The login that it requires; undefined for none. */
  readonly user?: string;
  readonly password?: string;
}

export interface ProxyServer {
  /** Its address with the credentials, URL-encoded: `http://user:p%40ss@127.0.0.1:40123`, `socks5h://...`. */
  readonly url: string;
  readonly port: number;
  /**
   * The requests that it served, oldest first: `CONNECT host:443`, `GET http://host/path`; for socks5 `host:443`. Squid adds a request when
   * its connection has ended.
   */ requests(): string[];
  /** Stops the proxy. May be called twice. */
  stop(): Promise<void>;
}

/**
 * A real forward proxy on a port of 127.0.0.1: tinyproxy for http, squid for http with credentials (tinyproxy supports only letters and
 * digits in a password), microsocks for socks5. All are from Debian, unpacked but not installed.
 *
 * @example const proxy = await startProxy({ kind: "http", user: "user", password: "p@ss:w*rd%" });
 */
export async function startProxy({ kind, user, password = "" }: ProxyOptions): Promise<ProxyServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "benchbox-proxy-"));
  const program = await programs[kind === "http" && user !== undefined ? "squid" : kind]({
    port,
    folder,
    user,
    password,
  });
  const output = openSync(join(folder, "output"), "w");
  const child = spawn(program.command[0] ?? "", program.command.slice(1), {
    stdio: ["ignore", output, output],
    env: { ...process.env, ...program.environment },
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let seen: string[] = [];
  const requests = (): string[] => {
    if (child.exitCode === null && child.signalCode === null) {
      const log = existsSync(join(folder, program.log)) ? readFileSync(join(folder, program.log), "utf8") : "";
      seen = [...log.matchAll(program.request)].map((match) => match[1] ?? "");
    }
    return seen;
  };
  const stop = async (): Promise<void> => {
    requests();
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(child, port);
  } catch (cause) {
    const output = readFileSync(join(folder, "output"), "utf8");
    await stop();
    throw new Error(`${program.command.join(" ")} did not start:\n${output}`, { cause });
  }
  const login = user === undefined ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  return { url: `${kind === "http" ? "http" : "socks5h"}://${login}127.0.0.1:${port}`, port, requests, stop };
}

interface Settings {
  readonly port: number;
  readonly folder: string;
  readonly user: string | undefined;
  readonly password: string;
}

interface Program {
  readonly command: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** The log file in the folder, and the pattern of a request in it. */
  readonly log: string;
  readonly request: RegExp;
}

const programs = {
  async http({ port, folder }: Settings): Promise<Program> {
    const root = await debianTool(["tinyproxy-bin"]);
    const settings = join(folder, "tinyproxy.conf");
    writeFileSync(settings, `Port ${port}\nListen 127.0.0.1\nTimeout 60\nLogLevel Connect\n`);
    return {
      command: [join(root, "usr/bin/tinyproxy"), "-d", "-c", settings],
      log: "output",
      request: /Request \(file descriptor \d+\): (\S+ \S+)/g,
    };
  },

  async socks5({ port, user, password }: Settings): Promise<Program> {
    const root = await debianTool(["microsocks"]);
    const login = user === undefined ? [] : ["-u", user, "-P", password];
    return {
      command: [join(root, "usr/bin/microsocks"), "-i", "127.0.0.1", "-p", `${port}`, ...login],
      log: "output",
      request: /connected to (\S+)/g,
    };
  },

  async squid({ port, folder, user, password }: Settings): Promise<Program> {
    const root = await debianTool(["squid", "squid-common", "libecap3", "libltdl7"]);
    const hashed = execFileSync("openssl", ["passwd", "-apr1", "-stdin"], { input: password, encoding: "utf8" });
    writeFileSync(join(folder, "users"), `${user}:${hashed}`);
    mkdirSync(join(folder, "errors"));
    writeFileSync(join(folder, "squid.conf"), squidSettings(root, folder, port));
    // Squid refuses to run as root. This only changes the id that it sees, not the user.
    const disguise = process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1000"] : [];
    return {
      command: [...disguise, join(root, "usr/sbin/squid"), "-N", "-f", join(folder, "squid.conf")],
      environment: { LD_LIBRARY_PATH: join(root, "usr/lib", `${arch() === "x64" ? "x86_64" : "aarch64"}-linux-gnu`) },
      log: "access.log",
      request: /^\S+ +\d+ \S+ (?!\w+_DENIED)\S+ \d+ ([A-Z]+ \S+)/gm,
    };
  },
};

function squidSettings(root: string, folder: string, port: number): string {
  return `
http_port 127.0.0.1:${port}
visible_hostname localhost
pid_filename none
pinger_enable off
shutdown_lifetime 0 seconds
cache deny all
access_log stdio:${folder}/access.log
cache_log ${folder}/cache.log
coredump_dir ${folder}
error_directory ${folder}/errors
mime_table ${root}/usr/share/squid/mime.conf
icon_directory ${root}/usr/share/squid/icons
unlinkd_program ${root}/usr/lib/squid/unlinkd
auth_param basic program ${root}/usr/lib/squid/basic_ncsa_auth ${folder}/users
auth_param basic children 1
acl known proxy_auth REQUIRED
http_access allow known
`;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`ended with exit code ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(socket.destroy() !== undefined)).once("error", () => resolve(false));
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error("accepted no connection within 10 s");
}
