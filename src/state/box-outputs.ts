import { UserError } from "../model/user-error.ts";
import type { x11Output } from "../plan/box-x11.ts";
import { stackOutputs } from "./run-pulumi.ts";

/** How SSH reaches a box: the output `ssh` of its stack. */
export interface BoxAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Its host key, as known_hosts has it after the address. */
  readonly hostKey: string;
  /** The host that SSH jumps over, as `ssh -J` takes it. */
  readonly jump?: string | undefined;
}

/** What a stack's outputs say of how its box is opened. */
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
