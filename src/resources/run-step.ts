#!/usr/bin/env node
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { buffer, text } from "node:stream/consumers";
import { proxiesOf } from "../model/proxy.ts";
import { commandLine } from "../model/quote.ts";
import { destinationWords } from "../model/ssh-destination.ts";
import { printedMarker, printMarker, type StepMarker } from "../model/step-marker.ts";
import { type StepRequest, stepLines } from "../model/step-request.ts";
import { bridgeSocks } from "../network/proxy-bridge.ts";
import { observeBox } from "../observe/box.ts";
import { runCommand } from "../process/run-command.ts";
import { proxyRoutes, secretsOf } from "./step-proxies.ts";

// run-step.ts CONTAINER ID TRIGGER: runs a first-run step in the box over SSH. Standard input is an `Order` as JSON. A different trigger
// makes Pulumi run the step again. The proxies and the address of the package registry come from the environment of this process, so that
// no resource has them as an input: the script gets them over the connection, and nothing stores them
// (docs/decisions/0016-steps-over-ssh.md).

interface Order {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly jump?: string;
    readonly user: string;
    readonly hostKey: string;
    readonly privateKey: string;
  };
  /** Folders below `scripts/` that the script needs. */
  readonly folders: readonly string[];
  readonly request: StepRequest;
}

/** Runs in the box: unpacks the scripts into the step's folder, then becomes run-step. Reads two lines: the id, and the archive. */
const receive =
  'set -eu; read -r id; read -r archive; folder=$HOME/.local/share/benchbox/steps/$id; rm -rf "$folder"; mkdir -p "$folder"; ' +
  'printf %s "$archive" | base64 -d | tar --extract --gzip --directory "$folder"; exec bash "$folder/lib/run-step"';

async function runStep({ connection, folders, request }: Order): Promise<StepMarker> {
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-step-"));
  const proxies = await bridgeSocks(process.env);
  let stdin: ChildProcess["stdin"] = null;
  try {
    const knownHosts = join(scratch, "known_hosts");
    writeFileSync(knownHosts, `[${connection.host}]:${connection.port} ${connection.hostKey}\n`);
    const routes = proxyRoutes(proxies.variables);
    const ssh = openShell(connection, knownHosts, routes.forwards);
    const closed = once(ssh, "close");
    stdin = ssh.stdin;
    if (!stdin) throw new Error("ssh has no standard input");
    stdin.on("error", () => undefined); // ssh reports why it ended
    // These run while ssh connects.
    const [ports, scripts, packages] = await Promise.all([
      forwardedPorts(ssh, routes.forwards.length, closed),
      archive(["lib", ...folders]),
      asksNpm(request) ? registries() : undefined,
    ]);
    stdin.write(`${request.id}\n${scripts.toString("base64")}\n`);
    const variables = { ...routes.variables(ports), ...packages };
    const secrets = secretsOf(proxiesOf(proxies.variables), packages?.BENCHBOX_NPM_REGISTRY);
    stdin.write(stepLines(request, { variables, secrets }));
    const [stdout] = await Promise.all([ssh.stdout ? text(ssh.stdout) : "", closed]);
    return (
      printedMarker(stdout) ?? failed(request, "the connection to the box was lost (the lines above may explain it)")
    );
  } finally {
    stdin?.end(); // Not before: the end of the input tells the box that nobody waits for the step any more.
    rmSync(scratch, { recursive: true, force: true });
    await proxies.close();
  }
}

/**
 * The private key is in no file: an agent that lives as long as ssh has it in memory. The script ends the agent explicitly, since on its
 * own the agent checks for its parent only every ten seconds, and keeps the key's pipe open until then.
 */
function openShell(connection: Order["connection"], knownHosts: string, forwards: readonly string[]): ChildProcess {
  const options = {
    UserKnownHostsFile: `"${knownHosts}"`,
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ConnectTimeout: "15",
    ConnectionAttempts: "3",
    ServerAliveInterval: "15",
    ServerAliveCountMax: "4",
    ExitOnForwardFailure: "yes",
    LogLevel: "INFO", // at which ssh reports the forwarded ports
  };
  const words = ["-F", "none", "-T", "-p", String(connection.port)];
  if (connection.jump !== undefined) words.push("-o", `ProxyCommand=${jumpCommand(connection.jump)}`);
  for (const [name, value] of Object.entries(options)) words.push("-o", `${name}=${value}`);
  for (const forward of forwards) words.push("-R", `127.0.0.1:0:${forward}`);
  words.push(`${connection.user}@${connection.host}`, `bash -c '${receive}'`);
  const script = 'ssh-add -q - <&3 && exec 3<&- && ssh "$@"; code=$?; kill "$SSH_AGENT_PID"; exit "$code"';
  const inAgent = ["bash", "-c", script, "-", ...words];
  const child = spawn("ssh-agent", inAgent, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const keyPipe = child.stdio[3];
  if (keyPipe && "end" in keyPipe) keyPipe.end(connection.privateKey);
  return child;
}

/** Jumps over the Docker Engine's host with the user's own ssh settings and agent, neither of which the step's own session uses. */
function jumpCommand(jump: string): string {
  const agent = process.env.SSH_AUTH_SOCK;
  const own = commandLine([
    "env",
    ...(agent ? [`SSH_AUTH_SOCK=${agent}`] : ["-u", "SSH_AUTH_SOCK"]),
    "ssh",
    "-o",
    "BatchMode=yes",
  ]);
  return `${own} -W [%h]:%p ${commandLine(destinationWords(jump))}`;
}

/** The ports that the box's SSH server allocated, in the order of the forwards, from ssh's messages. Passes all other messages on. */
async function forwardedPorts(ssh: ChildProcess, count: number, closed: Promise<unknown>): Promise<number[]> {
  const ports: number[] = [];
  if (!ssh.stderr) throw new Error("ssh has no standard error");
  const lines = createInterface({ input: ssh.stderr });
  const all = new Promise<void>((resolve) => {
    if (count === 0) resolve();
    lines.on("line", (line) => {
      const port = /^Allocated port (\d+) for remote forward/.exec(line)?.[1];
      if (port === undefined) console.error(withoutProxy(line));
      else if (ports.push(Number(port)) === count) resolve();
    });
  });
  await Promise.race([all, closed]);
  return ports;
}

/** Replaces ssh's message about a failed forward, which contains the proxy's address. */
const withoutProxy = (line: string): string =>
  line.startsWith("connect_to ") ? "benchbox: this host's proxy does not answer" : line;

/** Folders below `scripts/`, as a tar. */
const archive = (folders: readonly string[]): Promise<Buffer> =>
  outputOf(["tar", "--create", "--gzip", `--directory=${resolve("scripts")}`, ...folders]);

/** Whether a step needs npm's registry: not if all of its sources are others. To ask npm for it takes longer than some tools. */
const asksNpm = ({ lock }: StepRequest): boolean => !/^source=/m.test(lock) || lock.includes("\tnpm:");

/** The registry that this host's npm uses, and npm's default registry if it differs: the box may have no npm to ask. */
async function registries(): Promise<Record<string, string>> {
  const list = (await outputOf(["npm", "config", "list", "--long"])).toString();
  const found = [...list.matchAll(/^(; )?registry = "([^"]*)"/gm)]; // the default first, what overrides it later
  const used = found.findLast(([, isOverridden]) => isOverridden === undefined)?.[2] ?? "";
  const usual = found[0]?.[2] ?? used;
  return { BENCHBOX_NPM_REGISTRY: used, ...(usual !== used && { BENCHBOX_NPM_FALLBACK: usual }) };
}

/**
 * The output of a program, run outside the project. Its error messages go to the step's log, not into an error, which the state would keep.
 */
async function outputOf([program = "", ...words]: readonly string[]): Promise<Buffer> {
  const child = spawn(program, words, { cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] });
  const [output, [code]] = await Promise.all([buffer(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${program} failed with exit code ${code} (the lines above may explain it)`);
  return output;
}

/**
 * The step's marker in the box, if an earlier run was killed after the step had finished and before Pulumi recorded it; the step does not
 * run again then. The standard input is the recorded one (`ignoreChanges` in components/remote-script.ts), with the trigger of an earlier
 * run.
 */
async function recordedStep(
  box: string,
  trigger: string,
  { connection, request }: Order,
): Promise<StepMarker | undefined> {
  if (request.trigger === trigger) return undefined;
  const found = (await observeBox(box, [connection.user])).steps.get(request.id);
  return found?.trigger === trigger
    ? found
    : failed(request, "its state in the box differs from the plan; run it again: npm run up");
}

const failed = ({ trigger }: StepRequest, reason: string): StepMarker => ({ trigger, state: "failed", reason });

// A failed step is a result, which the program reports: its resource succeeds, so that the other steps continue.
runCommand(async () => {
  const [box = "", , trigger = ""] = process.argv.slice(2);
  const order = JSON.parse(await text(process.stdin)) as Order;
  let marker: StepMarker;
  try {
    marker = (await recordedStep(box, trigger, order)) ?? (await runStep(order));
  } catch (error) {
    marker = failed(order.request, error instanceof Error ? error.message : String(error));
  }
  console.log(printMarker(marker));
  return 0;
});
