import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A copy of the recorded program with its own backend, Pulumi home and environment. */
export interface RecordedStack {
  /** Imports a recorded state into the stack. */
  readonly restore: (stateFile: string) => Promise<void>;
  /** @throws an error with the whole plan if anything would change */
  readonly previewUnchanged: () => Promise<void>;
  readonly remove: () => void;
}

/** @param unserved types of resources that the built providers do not serve, and that are removed from the recording */
export async function recordedStack(
  recording: string,
  nodeModules: string,
  plugins: string,
  unserved: readonly string[],
): Promise<RecordedStack> {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-recording-"));
  const program = join(folder, "program");
  const state = join(folder, "state");
  const home = join(folder, "home");
  copy(recording, program);
  removeRemoteCommands(join(program, "index.ts"));
  symlinkSync(nodeModules, join(program, "node_modules"));
  mkdirSync(state);
  mkdirSync(home);
  symlinkSync(plugins, join(home, "plugins"));
  const environment = {
    ...process.env,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "recording",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // A preview without a refresh must not contact a Docker Engine, so there is none here.
    DOCKER_HOST: `unix://${join(folder, "no-engine.sock")}`,
  };
  const pulumi = async (...words: string[]): Promise<void> => {
    try {
      await run("pulumi", [...words, "--non-interactive", "--color=never"], { cwd: program, env: environment });
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`pulumi ${words.join(" ")} failed:\n${stdout ?? ""}${stderr ?? error}`);
    }
  };
  await pulumi("stack", "init", "official");
  return {
    restore: (stateFile) => {
      removeResources(join(program, stateFile), unserved);
      return pulumi("stack", "import", "--file", stateFile);
    },
    previewUnchanged: () => pulumi("preview", "--stack", "official", "--expect-no-changes", "--diff"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Removes the statements that create remote commands from the program. */
function removeRemoteCommands(file: string): void {
  writeFileSync(file, readFileSync(file, "utf8").replace(/^(const copied = )?new command\.remote\.[\s\S]*?;$/gm, ""));
}

function removeResources(stateFile: string, types: readonly string[]): void {
  const state: { deployment: { resources: { type: string }[] } } = JSON.parse(readFileSync(stateFile, "utf8"));
  state.deployment.resources = state.deployment.resources.filter(({ type }) => !types.includes(type));
  writeFileSync(stateFile, JSON.stringify(state));
}

/** Copies contents only, without modes: the recording may be read-only, and its copy is written to. */
function copy(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copy(join(from, entry.name), join(to, entry.name));
    else writeFileSync(join(to, entry.name), readFileSync(join(from, entry.name)));
  }
}
