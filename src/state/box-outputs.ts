import { UserError } from "../model/user-error.ts";
import type { x11Output } from "../plan/box-x11.ts";
import { stackOutputs } from "./run-pulumi.ts";

/** How SSH reaches a box: the output `ssh` of its stack. */
export interface BoxAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The box's host key in the format of known_hosts, without the address. */
  readonly hostKey: string;
  /** The jump host, in the format of `ssh -J`. */
  readonly jump?: string | undefined;
}

/** The stack's outputs that describe how to open its box. */
export interface BoxOutputs {
  readonly ssh: BoxAccess;
  readonly x11: ReturnType<typeof x11Output>;
}

/** @throws UserError when the stack is not up */
export async function boxOutputs(stack: string): Promise<BoxOutputs> {
  const outputs = await stackOutputs(stack).catch((error: unknown) => {
    if (error instanceof UserError && error.message.includes("no stack named")) return {};
    throw error;
  });
  if ("ssh" in outputs && "x11" in outputs) return outputs as unknown as BoxOutputs;
  throw new UserError(`the stack ${stack} is not up\n  Fix: npm run up -- ${stack}`);
}
