import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

export interface SshKey {
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: pulumi.Output<string>;
  /** In OpenSSH format; a secret, encrypted in the state. */
  readonly privateKey: pulumi.Output<string>;
}

/**
 * Creates a key pair of the stack: generated once, shared by all its containers, and kept when the box is removed.
 *
 * @param generation a new number generates a new pair. It is an environment variable, whose change updates the command and so runs it
 *   again. A trigger would replace the command, which its protection forbids
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
/** The Command provider trims a command's output, and OpenSSH does not accept a key without its last newline. */
const otherLines = (text: string): string => `${text.slice(text.indexOf("\n") + 1).trimEnd()}\n`;
