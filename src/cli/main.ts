import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { runCommand } from "../process/run-command.ts";
import { projectFolder } from "../state/project.ts";

/** `bin/benchbox`: a command a file, of which only the one that is called is loaded. */
const commands: Readonly<Record<string, () => Promise<{ readonly default: Command }>>> = {
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  drift: () => import("./commands/drift.ts"),
  doctor: () => import("./commands/doctor.ts"),
  tools: () => import("./commands/tools.ts"),
  logs: () => import("./commands/logs.ts"),
  packages: () => import("./commands/packages.ts"),
  ssh: () => import("./commands/ssh.ts"),
  "ssh-config": () => import("./commands/ssh-config.ts"),
  x11: () => import("./commands/x11.ts"),
  "x11-test": () => import("./commands/x11-test.ts"),
  fleet: () => import("./commands/fleet.ts"),
  new: () => import("./commands/new.ts"),
  lock: () => import("./commands/lock.ts"),
  "rotate-keys": () => import("./commands/rotate-keys.ts"),
  "verify-image": () => import("./commands/verify-image.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
  bundle: () => import("./commands/bundle.ts"),
  down: () => import("./commands/down.ts"),
  completion: () => import("./commands/completion.ts"),
};

const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string };

const program = new Command("benchbox")
  .description("Turns a GPU workstation into a reproducible benchmarking container that you open over SSH.")
  .version(version)
  .enablePositionalOptions()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "benchbox: ")) });

runCommand(async () => {
  const [name = ""] = process.argv.slice(2);
  const wanted = name in commands ? [name] : Object.keys(commands);
  for (const load of wanted.map((one) => commands[one])) {
    if (load !== undefined) program.addCommand((await load()).default.copyInheritedSettings(program));
  }
  process.chdir(projectFolder);
  await program.parseAsync();
  return Number(process.exitCode ?? 0);
});
