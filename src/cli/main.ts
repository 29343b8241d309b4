import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { runCommand } from "../process/run-command.ts";
import { projectFolder } from "../state/project.ts";
import { completeCommand } from "./commands/complete.ts";
import { commands } from "./commands.ts";

const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string };

const program = new Command("benchbox")
  .description("Turns a GPU workstation into a reproducible benchmarking container that you open over SSH.")
  .version(version)
  .enablePositionalOptions()
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "benchbox: ")) });

/** Adds a command that was built elsewhere, with its own commands: they inherit nothing by themselves. */
function adopt(command: Command, parent: Command): Command {
  command.configureOutput(parent.configureOutput()).configureHelp(parent.configureHelp()).enablePositionalOptions();
  for (const child of command.commands) adopt(child, command);
  return command;
}

runCommand(async () => {
  const [name = ""] = process.argv.slice(2);
  const wanted = name in commands ? [name] : Object.keys(commands);
  for (const load of wanted.map((one) => commands[one])) {
    if (load === undefined) continue;
    program.addCommand(adopt((await load()).default, program));
  }
  if (name === "complete") program.addCommand(completeCommand(commands));
  process.chdir(projectFolder);
  await program.parseAsync();
  return Number(process.exitCode ?? 0);
});
