#!/usr/bin/env node
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";
import { runCommand } from "../process/run-command.ts";
import { askProgram } from "../process/run-program.ts";

// Prints a new ed25519 key pair: the public key on the first line, the private key in OpenSSH format on the others. Pulumi keeps the output
// as a secret.

runCommand(async () => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-key-"));
  const file = join(folder, "key");
  try {
    const words = ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file];
    const { ok, stderr, startError } = await askProgram("ssh-keygen", words);
    if (!ok) throw new UserError(`generating a key failed: ssh-keygen: ${stderr || startError}`);
    const [type, publicKey] = readFileSync(`${file}.pub`, "utf8").trim().split(" ");
    process.stdout.write(`${type} ${publicKey}\n${readFileSync(file, "utf8")}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
