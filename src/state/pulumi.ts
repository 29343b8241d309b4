import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { askCli, type RunCli, runCli } from "./cli.ts";
import { type CliWords, readCliWords, withOptions } from "./cli-words.ts";
import { useDockerContext } from "./docker-context.ts";
import { clearAfterKill } from "./locks.ts";
import { boxName, projectFolder, stackFile } from "./project.ts";
import { ensureStack, takeConfigBack, writeComposedConfig } from "./salt.ts";

/**
 * The Pulumi CLI with this clone's states and what this project needs before and after its commands: the stack's salt, the stack's
 * Docker Engine, a state without what a killed run left, and a box that is this clone's. Commands that need nothing of this, and all
 * those outside of the project, go to the CLI as they are.
 *
 * @param folder where the words are meant
 * @returns the exit code
 * @throws UserError before anything is changed
 */
export async function pulumi(
  words: readonly string[],
  { run = runCli, folder = process.cwd() }: { readonly run?: RunCli; readonly folder?: string } = {},
): Promise<number> {
  const cli = readCliWords(words);
  const stack = cli.stack || process.env.PULUMI_STACK;
  if (cli.command === undefined || !stack || !isInProject(resolve(folder, cli.directory ?? "."))) {
    return run(words, folder);
  }
  switch (cli.command) {
    case "config":
      return configure(stack, words, folder, run);
    // What changes the state takes its lock, too.
    case "state":
    case "stack":
    case "import":
      clearAfterKill(stack);
      if (cli.isStackImport) await ensureStack(stack); // another backend does not have it yet
      return run(words, folder);
    default:
      return deploy(stack, cli, words, folder, run);
  }
}

/** Whether Pulumi takes this project for the one of a folder: that of the nearest Pulumi.yaml upwards. */
function isInProject(folder: string): boolean {
  if (!existsSync(folder)) return false; // the CLI reports it
  let nearest = realpathSync(folder);
  while (!existsSync(join(nearest, "Pulumi.yaml")) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return nearest === projectFolder;
}

async function configure(stack: string, words: readonly string[], folder: string, run: RunCli): Promise<number> {
  await ensureStack(stack);
  // What the CLI changes it writes as Go's YAML reads it: `0755` would be 493 from then on.
  (await import("./stack-file.ts")).checkStackFile(stack);
  const config = writeComposedConfig(stack);
  const code = await run(withOptions(words, "--config-file", config), folder);
  takeConfigBack(stack, config);
  return code;
}

async function deploy(
  stack: string,
  cli: CliWords,
  words: readonly string[],
  folder: string,
  run: RunCli,
): Promise<number> {
  clearAfterKill(stack);
  await ensureStack(stack);
  await useEngineOf(stack);
  const { prepareBox } = await import("./prepare-box.ts");
  const refresh = (await prepareBox(stack, cli)) && !cli.isRefresh ? ["--refresh"] : [];
  const config = writeComposedConfig(stack);
  const all = withOptions(words, ...refresh, "--config-file", config);
  const runChecked: RunCli = async (given, where) => {
    const code = await run(given, where);
    if (code !== 0) await reportUnreadableConfig(stack, config);
    return code;
  };
  return cli.command === "up" ? bringUp(stack, all, folder, runChecked) : runChecked(all, folder);
}

/** Most stacks' files name no Docker Engine, which takes no YAML reader to see. */
async function useEngineOf(stack: string): Promise<void> {
  if (!/docker_(host|certs)/.test(readFileSync(stackFile(stack), "utf8"))) useDockerContext();
  else (await import("./docker-host.ts")).useDockerHost(stack);
}

async function bringUp(stack: string, words: readonly string[], folder: string, run: RunCli): Promise<number> {
  const { forgetBuild, reportBuildFailure } = await import("./build-failure.ts");
  forgetBuild(stack);
  const code = await run(words, folder);
  if (code !== 0) {
    await reportBuildFailure(stack);
    await (await import("./start-failure.ts")).reportStartFailure(boxName(stack));
  }
  return code;
}

/**
 * Of a stack's file that the Pulumi engine cannot read it reports neither the name nor the right line, as it has a copy of it, and the
 * program, which would, has not run.
 */
async function reportUnreadableConfig(stack: string, config: string): Promise<void> {
  const asked = await askCli(["config", "--stack", stack, "--config-file", config]);
  if (asked.ok) return;
  const { checkStackFile } = await import("./stack-file.ts");
  try {
    checkStackFile(stack);
  } catch (error) {
    console.error(`benchbox: ${(error as Error).message}`);
  }
}
