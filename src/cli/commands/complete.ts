import { Command } from "commander";
import { stackNames } from "../../state/project.ts";
import { exitWith } from "../stack-command.ts";

type Commands = Readonly<Record<string, () => Promise<{ readonly default: Command }>>>;

/** `benchbox complete WORD...`, called by the completion scripts: prints what may follow these words, one candidate per line. */
export const completeCommand = (commands: Commands): Command =>
  new Command("complete")
    .argument("[words...]")
    .passThroughOptions()
    .allowUnknownOption()
    .action(
      exitWith(async (words: string[]) => {
        for (const candidate of await candidatesAfter(words, commands)) console.log(candidate);
        return 0;
      }),
    );

/** The commands; after a command, its subcommands and options, and the stacks if its next argument is a stack. */
async function candidatesAfter([name, ...words]: readonly string[], commands: Commands): Promise<string[]> {
  if (name === undefined) return Object.keys(commands);
  let command = (await commands[name]?.())?.default;
  for (const word of words) command = command?.commands.find((one) => one.name() === word) ?? command;
  if (command === undefined) return [];
  const taken = words.filter((word) => !word.startsWith("-") && word !== command.name()).length;
  const next = command.registeredArguments[taken];
  return [
    ...command.commands.map((one) => one.name()),
    ...command.options.flatMap(({ long }) => long ?? []),
    ...(next?.name() === "stack" ? stackNames() : []),
  ];
}
