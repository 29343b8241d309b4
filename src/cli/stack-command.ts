import { Command } from "commander";
import { useDockerHost } from "../state/docker-host.ts";
import { requireStack } from "../state/project.ts";

/**
 * A command whose first argument is a stack, `sandbox` by default. It runs with the stack's Docker Engine in the environment, and ends
 * with a sentence where there is no such stack. Its action returns an exit code; see `exitWith`.
 */
export function stackCommand(name: string): Command {
  return new Command(name)
    .argument("[stack]", "the STACK of Pulumi.STACK.yaml", "sandbox")
    .hook("preAction", (_, command) => {
      const [stack] = command.processedArgs as [string];
      requireStack(stack);
      useDockerHost(stack);
    });
}

/** An action that sets the exit code of the program to what it returns. */
export const exitWith =
  <Arguments extends unknown[]>(action: (...given: Arguments) => Promise<number> | number) =>
  async (...given: Arguments): Promise<void> => {
    process.exitCode = await action(...given);
  };
