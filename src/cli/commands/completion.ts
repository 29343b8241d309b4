import { Argument } from "@commander-js/extra-typings";
import { stackNames } from "../../state/project.ts";
import { type Commands, createCommand } from "../stack-command.ts";

/** The completion script of each shell. They call `benchbox complete WORD...`. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_benchbox() { mapfile -t COMPREPLY < <(compgen -W "$(benchbox complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"); }
complete -F _benchbox benchbox`,
  zsh: `#compdef benchbox
_benchbox() { compadd -- \${(f)"$(benchbox complete "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"} }
compdef _benchbox benchbox`,
  fish: "complete --command benchbox --no-files --arguments '(benchbox complete (commandline --tokens-expanded --cut-at-cursor)[2..] 2>/dev/null)'",
};

export default createCommand("completion")
  .summary("print the completion script of a shell")
  .description("print the completion script of a shell: source <(benchbox completion bash)")
  .addArgument(new Argument("<shell>").choices(Object.keys(scripts)))
  .action((shell) => console.log(scripts[shell]));

/** `benchbox complete WORD...`, called by the completion scripts: prints what may follow these words, one candidate per line. */
export const completeCommand = (commands: Commands) =>
  createCommand("complete")
    .argument("[words...]")
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (words) => {
      for (const candidate of await candidatesAfter(words, commands)) console.log(candidate);
    });

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
