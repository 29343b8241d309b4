import { Argument, Command } from "commander";
import { exitWith } from "../stack-command.ts";

/** What each shell calls to complete a line: `benchbox complete WORD...`, a candidate a line. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_benchbox() { mapfile -t COMPREPLY < <(compgen -W "$(benchbox complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"); }
complete -F _benchbox benchbox`,
  zsh: `#compdef benchbox
_benchbox() { compadd -- \${(f)"$(benchbox complete "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"} }
compdef _benchbox benchbox`,
  fish: "complete --command benchbox --no-files --arguments '(benchbox complete (commandline --tokens-expanded --cut-at-cursor)[2..] 2>/dev/null)'",
};

export default new Command("completion")
  .summary("print the completion script of a shell")
  .description("print the completion script of a shell: source <(benchbox completion bash)")
  .addArgument(new Argument("<shell>").choices(Object.keys(scripts)))
  .action(
    exitWith((shell: string) => {
      console.log(scripts[shell]);
      return 0;
    }),
  );
