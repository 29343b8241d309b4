import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { commandLine } from "../src/model/quote.ts";

/**
 * Creates the box's own network. Not the Docker provider's resource, which waits two seconds for each read of a network
 * (docs/decisions/0018-the-network.md).
 *
 * @param trigger changes when the network must be created; see `networkTrigger`
 */
export function createNetwork(name: string, trigger: string, parent: pulumi.Resource): command.local.Command {
  return new command.local.Command(
    `${name}-network`,
    {
      create: commandLine(["src/resources/box-network.ts", "make", name, trigger]),
      delete: commandLine(["src/resources/box-network.ts", "remove", name]),
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
}
