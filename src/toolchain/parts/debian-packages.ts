import { existsSync } from "node:fs";
import type { Apt } from "../apt.ts";
import type { Part } from "../part.ts";
import { whichProgram } from "../run.ts";

/** ssh, for the box and for the tests. */
export function sshPart(apt: Apt): Part {
  return {
    name: "ssh client",
    wanted: "ssh, ssh-keygen",
    async look() {
      const missing = ["ssh", "ssh-keygen"].filter((program) => !whichProgram(program));
      if (missing.length === 0) return { there: true, found: "both", where: whichProgram("ssh") as string };
      apt.want("openssh-client");
      return { there: false, found: `no ${missing.join(", ")}`, plan: "apt-get would install openssh-client" };
    },
    async get(step) {
      await apt.install(step, "Install an OpenSSH client and run this again.");
      return "installed by apt-get";
    },
  };
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Makes the base of the stack `sandbox`. */
export function debootstrapPart(apt: Apt): Part {
  return {
    name: "debootstrap",
    wanted: "it, Debian's keys",
    optional: "Only the stack `sandbox` needs it, to make its base.",
    async look() {
      const program = whichProgram("debootstrap");
      if (!program) apt.want("debootstrap");
      if (!existsSync(keyring)) apt.want("debian-archive-keyring");
      if (program && existsSync(keyring)) return { there: true, found: "both", where: program };
      const found = program ? "no keys" : "nothing";
      return { there: false, found, plan: "apt-get would install debootstrap, debian-archive-keyring" };
    },
    async get(step) {
      await apt.install(step, "Install debootstrap and Debian's archive keyring to use the stack `sandbox`.");
      return "installed by apt-get";
    },
  };
}
