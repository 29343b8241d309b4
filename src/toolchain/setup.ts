import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Apt } from "./apt.ts";
import { disableCliLogs } from "./cli-logs.ts";
import { type Context, readContext } from "./context.ts";
import {
  exitCodeOf,
  type Inspection,
  inspectAll,
  installPart,
  type Outcome,
  outcomeOfInspection,
  type Part,
  reportOf,
} from "./part.ts";
import { PartTable } from "./part-table.ts";
import { debootstrapPart, sshPart } from "./parts/debian-packages.ts";
import { enginePart } from "./parts/dockerd.ts";
import { findLanguageHost, languageHostPart } from "./parts/language-host.ts";
import { nodePart } from "./parts/node.ts";
import { packagesPart } from "./parts/packages.ts";
import { providerFolder, providerPart } from "./parts/provider.ts";
import { findPulumi, pulumiPart, releaseAddresses } from "./parts/pulumi.ts";
import { startStep } from "./progress.ts";
import { type Probe, probe } from "./release.ts";
import { type Result, writeResult } from "./result-file.ts";
import { stopChildren, stopOrphans, tailOf } from "./run.ts";
import { messageOf, SetupError } from "./setup-error.ts";

// The second half of the bash program `setup`, which holds the locks and chose the Node that runs this program.
// Arguments: the mode (setup, check, check-json or quick), and where this Node came from (system, cache or npm).

async function main(mode: string, nodeFrom: string): Promise<number> {
  const context = readContext(dirname(dirname(import.meta.dirname)), process.env);
  const parts = allParts(context, nodeFrom as "system" | "cache" | "npm");
  const isCheck = mode === "check" || mode === "check-json";
  if (!isCheck) await cleanUp(context);
  const inspections = await inspectAll(parts);
  if (mode === "check-json") {
    const report = reportOf(parts, inspections);
    console.log(JSON.stringify(report, undefined, 2));
    return report.isComplete ? 0 : 1;
  }
  const table = new PartTable(parts, inspections, process.env.HOME);
  console.log(table.head);
  const outcomes: Outcome[] = [];
  for (const [index, part] of parts.entries()) {
    const inspection = inspections[index] as Inspection;
    const isFinal = isCheck || inspection.isPresent;
    const outcome = isFinal ? outcomeOfInspection(part, inspection) : await install(part, inspection);
    outcomes.push(outcome);
    console.log(table.row(outcome));
  }
  printFailures(outcomes);
  const code = exitCodeOf(outcomes);
  if (!isCheck && code === 0) {
    if (!context.isPulumiHomeUserOwned) disableCliLogs(context.pulumiHome);
    writeResult(join(context.checkout, ".state", "toolchain.sh"), await resultOf(context, nodeFrom !== "system"));
  }
  return code;
}

function allParts(context: Context, nodeFrom: "system" | "cache" | "npm"): Part[] {
  const apt = new Apt(context);
  let probed: Promise<Probe> | undefined;
  const releases = (): Promise<Probe> => {
    probed ??= probe(releaseAddresses(context));
    return probed;
  };
  return [
    nodePart(nodeFrom),
    packagesPart(context),
    enginePart(context, apt),
    debootstrapPart(apt),
    sshPart(apt),
    pulumiPart(context, releases),
    languageHostPart(context),
    providerPart(context, "docker", releases),
    providerPart(context, "command", releases),
  ];
}

// The lock is held, so everything in tmp was left by a set-up that did not finish.
async function cleanUp({ cache }: Context): Promise<void> {
  await stopOrphans(join(cache, "child"));
  rmSync(join(cache, "tmp"), { recursive: true, force: true });
  mkdirSync(join(cache, "tmp"), { recursive: true });
}

async function install(part: Part, inspection: Inspection): Promise<Outcome> {
  const step = startStep(part.name, process.stdout);
  try {
    return await installPart(part, inspection, step);
  } finally {
    step.end();
  }
}

/** Prints each failure once, after the names of all parts that it concerns. */
function printFailures(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ state }) => state === "failed");
  for (const message of new Set(failed.map(({ done }) => done))) {
    const same = failed.filter(({ done }) => done === message);
    console.error(`\n${same.map(({ part }) => part.name).join(", ")}: ${message}`);
    for (const { part } of same) if (part.optional) console.error(part.optional);
    const [log] = same.flatMap(({ problem }) => (problem instanceof SetupError && problem.log ? [problem.log] : []));
    if (!log) continue;
    console.error(`Last lines of ${log}:`);
    for (const line of tailOf(log)) console.error(`  ${line}`);
  }
}

async function resultOf(context: Context, ownNode: boolean): Promise<Result> {
  const pulumi = await findPulumi(context);
  const languageHost = await findLanguageHost(context);
  if (!pulumi || !languageHost) throw new Error("a part disappeared during set-up\n  Fix: run this command again");
  const folders = new Set<string>();
  if (ownNode) folders.add(dirname(process.execPath));
  if (!pulumi.onPath) folders.add(dirname(pulumi.path));
  const plugins = (["docker", "command"] as const).map((name) => providerFolder(context, name));
  return {
    folders: [...folders],
    variables: {
      ...(context.isPulumiHomeUserOwned ? {} : { PULUMI_HOME: context.pulumiHome }),
      BENCHBOX_CACHE: context.cache,
    },
    stamp: process.env.BENCHBOX_STAMP ?? "",
    paths: [
      process.execPath,
      pulumi.path,
      languageHost.path,
      ...plugins,
      join(context.checkout, "node_modules", ".package-lock.json"),
    ],
  };
}

let isStopping = false;
function interrupt(): void {
  if (isStopping) return;
  isStopping = true;
  stopChildren();
  process.stdout.write(process.stdout.isTTY ? "\r\u001b[K" : "");
  console.error("benchbox: interrupted; run the same command again to continue");
  process.exit(130);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

main(process.argv[2] ?? "setup", process.argv[3] ?? "system").then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`benchbox: ${messageOf(error)}`);
    process.exitCode = 1;
  },
);
