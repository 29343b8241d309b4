import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Apt } from "./apt.ts";
import { forgoCliLogs } from "./cli-logs.ts";
import { type Context, readContext } from "./context.ts";
import { checkAll, exitCodeOf, getPart, type Outcome, outcomeOfCheck, type Part } from "./part.ts";
import { headOf, rowOf, widthsOf } from "./part-table.ts";
import { debootstrapPart, sshPart } from "./parts/debian-packages.ts";
import { enginePart } from "./parts/dockerd.ts";
import { findLanguageHost, languageHostPart } from "./parts/language-host.ts";
import { nodePart } from "./parts/node.ts";
import { packagesPart } from "./parts/packages.ts";
import { pluginFolder, pluginPart } from "./parts/plugin.ts";
import { findPulumi, pulumiPart, releaseAddresses } from "./parts/pulumi.ts";
import { startStep } from "./progress.ts";
import { type Probe, probe } from "./release.ts";
import { type Result, writeResult } from "./result-file.ts";
import { endChildren, endOrphans, tailOf } from "./run.ts";
import { Problem, sentenceOf } from "./setup-error.ts";

// The second half of `src/toolchain/setup`, which holds the locks and has chosen the Node that runs this.
// Arguments: the mode, and where this Node is from.

async function main(mode: string, nodeFrom: string): Promise<number> {
  const context = readContext(dirname(dirname(import.meta.dirname)), process.env);
  const parts = allParts(context, nodeFrom as "system" | "cache" | "npm");
  if (mode !== "check") await sweep(context);
  const looks = await checkAll(parts);
  const widths = widthsOf(
    parts,
    looks.map(({ found }) => found),
  );
  const home = process.env.HOME;
  console.log(headOf(widths));
  const outcomes: Outcome[] = [];
  for (const [index, part] of parts.entries()) {
    const look = looks[index] as (typeof looks)[number];
    const outcome = mode === "check" || look.there ? outcomeOfCheck(part, look) : await get(part, look);
    outcomes.push(outcome);
    console.log(rowOf(outcome, widths, home));
  }
  printProblems(outcomes);
  const code = exitCodeOf(outcomes);
  if (mode !== "check" && code === 0) {
    if (!context.pulumiHomeIsTheUsers) forgoCliLogs(context.pulumiHome);
    writeResult(join(context.checkout, ".state", "toolchain.sh"), await resultOf(context, nodeFrom !== "system"));
  }
  return code;
}

function allParts(context: Context, nodeFrom: "system" | "cache" | "npm"): Part[] {
  const apt = new Apt(context);
  let asked: Promise<Probe> | undefined;
  const releases = (): Promise<Probe> => {
    asked ??= probe(releaseAddresses(context));
    return asked;
  };
  return [
    nodePart(nodeFrom),
    packagesPart(context),
    enginePart(context, apt),
    debootstrapPart(apt),
    sshPart(apt),
    pulumiPart(context, releases),
    languageHostPart(context),
    pluginPart(context, "docker", releases),
    pluginPart(context, "command", releases),
  ];
}

// With the lock held, whatever stands in tmp belongs to a set-up that ended half-way.
async function sweep({ cache }: Context): Promise<void> {
  await endOrphans(join(cache, "child"));
  rmSync(join(cache, "tmp"), { recursive: true, force: true });
  mkdirSync(join(cache, "tmp"), { recursive: true });
}

async function get(part: Part, look: Outcome["look"]): Promise<Outcome> {
  const step = startStep(part.name, process.stdout);
  try {
    return await getPart(part, look, step);
  } finally {
    step.end();
  }
}

/** What went wrong, each sentence once, after the names of all the parts it holds for. */
function printProblems(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ state }) => state === "failed");
  for (const sentence of new Set(failed.map(({ done }) => done))) {
    const same = failed.filter(({ done }) => done === sentence);
    console.error(`\n${same.map(({ part }) => part.name).join(", ")}: ${sentence}`);
    for (const { part } of same) if (part.optional) console.error(part.optional);
    const [log] = same.flatMap(({ problem }) => (problem instanceof Problem && problem.log ? [problem.log] : []));
    if (!log) continue;
    console.error(`The end of the log (${log}):`);
    for (const line of tailOf(log)) console.error(`  ${line}`);
  }
}

async function resultOf(context: Context, ownNode: boolean): Promise<Result> {
  const pulumi = await findPulumi(context);
  const languageHost = await findLanguageHost(context);
  if (!pulumi || !languageHost) throw new Error("A part that was there is gone. Run this again.");
  const folders = new Set<string>();
  if (ownNode) folders.add(dirname(process.execPath));
  if (!pulumi.onPath) folders.add(dirname(pulumi.path));
  const plugins = (["docker", "command"] as const).map((name) => pluginFolder(context, name));
  return {
    folders: [...folders],
    variables: {
      ...(context.pulumiHomeIsTheUsers ? {} : { PULUMI_HOME: context.pulumiHome }),
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

let ending = false;
function interrupt(): void {
  if (ending) return;
  ending = true;
  endChildren();
  process.stdout.write(process.stdout.isTTY ? "\r\u001b[K" : "");
  console.error("Interrupted. Run it again to go on from here.");
  process.exit(130);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

main(process.argv[2] ?? "setup", process.argv[3] ?? "system").then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(sentenceOf(error));
    process.exitCode = 1;
  },
);
