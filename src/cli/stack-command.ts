import { Command } from "commander";
import { useDockerHost } from "../state/docker-host.ts";
import { requireStack } from "../state/project.ts";

/**
 * A command whose first argument is a stack, by default `sandbox`. Before its action it checks that the stack exists, and sets DOCKER_HOST
 * to the stack's Docker Engine. The action returns an exit code; see `exitWith`.
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

/** Makes an action set the program's exit code to its result. */
export const exitWith =
  <Arguments extends unknown[]>(action: (...given: Arguments) => Promise<number> | number) =>
  async (...given: Arguments): Promise<void> => {
    process.exitCode = await action(...given);
  };
