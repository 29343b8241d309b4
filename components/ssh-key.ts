import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

export interface SshKey {
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: pulumi.Output<string>;
  /** OpenSSH form; a secret, encrypted in the state. */
  readonly privateKey: pulumi.Output<string>;
}

/**
 * A key pair that belongs to the stack: made once, the same for every container of it, kept when the box goes.
 *
 * @param generation another number makes another pair. It is no trigger, since a changed trigger replaces, and what is
 *   protected is not replaced: a changed variable is an update, which runs the command again.
 */
export function createSshKey(name: string, generation: number, parent: pulumi.Resource): SshKey {
  const generated = new command.local.Command(
    name,
    {
      create: "src/resources/generate-key.ts",
      ...(generation > 0 && { environment: { BENCHBOX_KEY_GENERATION: String(generation) } }),
      logging: command.local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    { parent, protect: true, additionalSecretOutputs: ["stdout", "stderr"] },
  );
  return {
    publicKey: pulumi.unsecret(generated.stdout.apply(firstLine)),
    privateKey: generated.stdout.apply(otherLines),
  };
}

const firstLine = (text: string): string => text.slice(0, text.indexOf("\n"));
/** The plugin trims what a command printed; OpenSSH does not read a key without its last newline. */
const otherLines = (text: string): string => `${text.slice(text.indexOf("\n") + 1).trimEnd()}\n`;
