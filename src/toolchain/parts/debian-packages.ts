import { existsSync } from "node:fs";
import type { Apt } from "../apt.ts";
import type { Part } from "../part.ts";
import { whichProgram } from "../run.ts";

/** The OpenSSH client, with which people and the tests reach the box. */
export function sshPart(apt: Apt): Part {
  return {
    name: "ssh client",
    wanted: "ssh, ssh-keygen",
    async inspect() {
      const missing = ["ssh", "ssh-keygen"].filter((program) => !whichProgram(program));
      if (missing.length === 0) return { isPresent: true, found: "both", where: whichProgram("ssh") as string };
      apt.want("openssh-client");
      return {
        isPresent: false,
        found: `no ${missing.join(", ")}`,
        plan: "set-up installs openssh-client with apt-get",
      };
    },
    async install(step) {
      await apt.install(step, "install an OpenSSH client, then run this command again");
      return "installed with apt-get";
    },
  };
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Creates the base image of the stack `sandbox`. */
export function debootstrapPart(apt: Apt): Part {
  return {
    name: "debootstrap",
    wanted: "program, keys",
    optional: "Only the stack `sandbox` needs debootstrap, to create its base image.",
    async inspect() {
      const program = whichProgram("debootstrap");
      if (!program) apt.want("debootstrap");
      if (!existsSync(keyring)) apt.want("debian-archive-keyring");
      if (program && existsSync(keyring)) return { isPresent: true, found: "both", where: program };
      const found = program ? "no keys" : "nothing";
      return {
        isPresent: false,
        found,
        plan: "set-up installs debootstrap and debian-archive-keyring with apt-get",
      };
    },
    async install(step) {
      await apt.install(step, "to use the stack `sandbox`, install debootstrap and Debian's archive keyring");
      return "installed with apt-get";
    },
  };
}
