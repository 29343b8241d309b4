import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { ownKeys } from "../../observe/own-keys.ts";
import { withLock } from "../../process/file-lock.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName } from "../../state/project.ts";
import { SshConfig } from "../ssh-config/ssh-config.ts";
import { exitWith, stackCommand } from "../stack-command.ts";

interface Options {
  readonly remove?: true;
  readonly renew?: true;
}

const folder = join(homedir(), ".ssh");
const config = new SshConfig(folder);

export default stackCommand("ssh-config")
  .summary("add a host entry for the box to ~/.ssh/config")
  .description(
    "add a host entry for the box, PROJECT-STACK, for ssh, VSCode and PyCharm: in separate files that ~/.ssh/config includes",
  )
  .addOption(
    new Option("--remove", "remove the box's entry, and with the last one all files of benchbox").conflicts("renew"),
  )
  .option("--renew", "update the entry only if the box already has one")
  .action(exitWith(changeSshConfig));

async function changeSshConfig(stack: string, { remove, renew }: Options): Promise<number> {
  const name = boxName(stack);
  if (remove) {
    const hadEntry = await removeSshConfig(stack);
    console.log(hadEntry ? `removed the host entry ${name}` : `no host entry ${name}`);
  } else if (renew) await renewSshConfig(stack);
  else {
    await addSshConfig(stack);
    console.log(`added the host entry ${name}. To open the box: ssh ${name}`);
    console.log(
      "VSCode lists it under Remote-SSH; in PyCharm choose it from the SSH configurations (OpenSSH config and agent).",
    );
  }
  return 0;
}

/** Updates the host entry of a stack's box if there is one: its port or its host key may have changed. */
export async function renewSshConfig(stack: string): Promise<void> {
  if (config.has(boxName(stack))) await addSshConfig(stack);
}

/** Removes the host entry of a stack's box, and with the last one all of our files. @returns whether there was an entry */
export async function removeSshConfig(stack: string): Promise<boolean> {
  const name = boxName(stack);
  if (!config.has(name)) return false;
  return withLock(folder, () => {
    const hasEntry = config.has(name); // another run may have removed it
    if (hasEntry) config.remove(name);
    return hasEntry;
  });
}

/** Adds or updates the host entry of a stack's box. Takes the lock, since two runs may write at the same time. */
export async function addSshConfig(stack: string): Promise<void> {
  const { ssh } = await boxOutputs(stack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await withLock(folder, () => config.put(boxName(stack), ssh, ownKeys()));
}
