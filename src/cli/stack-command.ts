import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { useDockerHost } from "../state/docker-host.ts";
import { requireStack } from "../state/project.ts";

/** Commands by name, each in a file of its own. */
export type Commands = Readonly<Record<string, () => Promise<{ readonly default: CommandUnknownOpts }>>>;

/** A command with the settings that all commands share. */
export const createCommand = (name: string) =>
  new Command(name)
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "benchbox: ")) });

/**
 * A command whose first argument is a stack, by default `sandbox`. Before its action it checks that the stack exists, and sets DOCKER_HOST
 * to the stack's Docker Engine.
 */
export const stackCommand = (name: string) =>
  createCommand(name)
    .argument("[stack]", "the STACK of Pulumi.STACK.yaml", "sandbox")
    .hook("preAction", (_, command) => {
      const [stack] = command.processedArgs as [string];
      requireStack(stack);
      useDockerHost(stack);
    });

/** Makes an action set the program's exit code to its result, by default 0. */
export const exitWith =
  <Arguments extends unknown[]>(action: (...given: Arguments) => unknown) =>
  async (...given: Arguments): Promise<void> => {
    process.exitCode = Number((await action(...given)) ?? 0);
  };
