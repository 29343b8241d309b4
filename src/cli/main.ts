import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../process/run-command.ts";
import { projectFolder } from "../state/project.ts";
import { completeCommand } from "./commands/completion.ts";
import { commands } from "./commands.ts";
import { createCommand } from "./stack-command.ts";

const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string };

const program = createCommand("benchbox")
  .description("Turns a GPU workstation into a reproducible benchmarking container that you open over SSH.")
  .version(version);

runCommand(async () => {
  const [name = ""] = process.argv.slice(2);
  const wanted = commands[name] ?? Object.values(commands);
  for (const load of [wanted].flat()) program.addCommand((await load()).default);
  if (name === "complete") program.addCommand(completeCommand(commands));
  process.chdir(projectFolder);
  await program.parseAsync();
  return Number(process.exitCode ?? 0);
});
