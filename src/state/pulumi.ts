import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { askCli, type RunCli, runCli } from "./cli.ts";
import { type CliWords, readCliWords, withOptions } from "./cli-words.ts";
import { useDockerContext } from "./docker-context.ts";
import { previewChanges } from "./planned-changes.ts";
import { boxName, projectFolder, stackFile } from "./project.ts";
import { ensureStack, takeConfigBack, writeComposedConfig } from "./salt.ts";
import { clearAfterKill } from "./stale-locks.ts";

export interface PulumiOptions {
  readonly run?: RunCli;
  /** The current folder of the command line. */
  readonly folder?: string;
  /**
   * Asked by `up` after a preview with changes; without changes, no update runs. If undefined, `up` is Pulumi's own: it previews and updates
   * in any case.
   */
  readonly confirm?: (() => Promise<void>) | undefined;
}

/**
 * Runs the Pulumi CLI with this clone's states, and with the preparation and follow-up that the project needs: the stack's salt and Docker
 * Engine, a clean-up after a killed run, and a check that the box belongs to this clone. Commands that need none of this, and all commands
 * outside the project, go to the CLI unchanged.
 *
 * @returns the exit code
 * @throws UserError before anything is changed
 */
export async function pulumi(
  words: readonly string[],
  { run = runCli, folder = process.cwd(), confirm }: PulumiOptions = {},
): Promise<number> {
  const cli = readCliWords(words);
  const stack = cli.stack || process.env.PULUMI_STACK;
  if (cli.command === undefined || !stack || !isInProject(resolve(folder, cli.directory ?? "."))) {
    return run(words, folder);
  }
  switch (cli.command) {
    case "config":
      return configure(stack, words, folder, run);
    // Commands that change the state take its lock.
    case "state":
    case "stack":
    case "import":
      clearAfterKill(stack);
      if (cli.isStackImport) await ensureStack(stack); // the backend may not have the stack yet
      return run(words, folder);
    default:
      return deploy(stack, cli, words, { run, folder, confirm });
  }
}

/** Whether a folder belongs to this project: Pulumi uses the nearest Pulumi.yaml, upwards from the folder. */
function isInProject(folder: string): boolean {
  if (!existsSync(folder)) return false; // the CLI reports it
  let nearest = realpathSync(folder);
  while (!existsSync(join(nearest, "Pulumi.yaml")) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return nearest === projectFolder;
}

async function configure(stack: string, words: readonly string[], folder: string, run: RunCli): Promise<number> {
  await ensureStack(stack);
  // The CLI writes the file as Go's YAML parser reads it: it would turn `0755` into 493.
  await checkStackFile(stack);
  const config = writeComposedConfig(stack);
  const code = await run(withOptions(words, "--config-file", config), folder);
  takeConfigBack(stack, config);
  return code;
}

async function deploy(
  stack: string,
  cli: CliWords,
  words: readonly string[],
  { run, folder, confirm }: PulumiOptions & { readonly run: RunCli; readonly folder: string },
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
  if (cli.command !== "up") return runChecked(all, folder);
  (await import("./build-log.ts")).forgetBuild(stack);
  if (confirm === undefined) return bringUp(stack, all, folder, runChecked);
  const preview = ["preview", ...all.slice(1).filter((word) => word !== "--yes")];
  const { code, hasChanges } = await previewChanges(preview, folder, runChecked);
  if (code !== 0 || !hasChanges) return code;
  await confirm();
  return bringUp(stack, withOptions(all, "--skip-preview", ...(cli.isConfirmed ? [] : ["--yes"])), folder, runChecked);
}

/** Uses the stack's Docker Engine. Most stacks' files name none, so the YAML parser is loaded only for those that do. */
async function useEngineOf(stack: string): Promise<void> {
  if (!/docker_(host|certs)/.test(readFileSync(stackFile(stack), "utf8"))) useDockerContext();
  else (await import("./docker-host.ts")).useDockerHost(stack);
}

async function bringUp(stack: string, words: readonly string[], folder: string, run: RunCli): Promise<number> {
  const code = await run(words, folder);
  if (code !== 0) {
    await (await import("./build-log.ts")).reportBuildFailure(stack);
    await (await import("./start-failure.ts")).reportStartFailure(boxName(stack));
  }
  return code;
}

/**
 * Reports the errors of a stack's file that the Pulumi engine cannot read. The engine names neither the file nor the right line, since it
 * reads a copy, and the program, which would report them, has not run.
 */
async function reportUnreadableConfig(stack: string, config: string): Promise<void> {
  const asked = await askCli(["config", "--stack", stack, "--config-file", config]);
  if (asked.ok) return;
  await checkStackFile(stack).catch((error: Error) => console.error(`benchbox: ${error.message}`));
}

/**
 * Checks that a stack's file is valid YAML that every parser reads the same way.
 *
 * @throws ConfigurationError with the lines that are wrong
 */
async function checkStackFile(stack: string): Promise<void> {
  const { readYaml } = await import("../config/yaml-source.ts");
  const file = stackFile(stack);
  readYaml(basename(file), readFileSync(file, "utf8"));
}
