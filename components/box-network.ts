import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { type BoxNetwork, networkOptions } from "../src/model/network.ts";
import { commandLine } from "../src/model/quote.ts";

/**
 * Creates the box's own network, if it has one. Not the Docker provider's resource, which waits two seconds for each read of a network
 * (docs/decisions/0018-the-network.md).
 *
 * @param trigger changes when the network must be created; see `networkTrigger`
 */
export function createNetwork(
  name: string,
  trigger: string,
  network: BoxNetwork,
  parent: pulumi.Resource,
): command.local.Command | undefined {
  if (network.kind !== "own") return undefined;
  return new command.local.Command(
    `${name}-network`,
    {
      create: commandLine(["src/resources/box-network.ts", "make", name, trigger, ...networkOptions(network)]),
      delete: commandLine(["src/resources/box-network.ts", "remove", name]),
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent },
  );
}
