import type { Command } from "commander";

/** The commands of `benchbox`, in the order of its help, a file each. Only the one that is called is loaded. */
export const commands: Readonly<Record<string, () => Promise<{ readonly default: Command }>>> = {
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  drift: () => import("./commands/drift.ts"),
  doctor: () => import("./commands/doctor.ts"),
  tools: () => import("./commands/tools.ts"),
  logs: () => import("./commands/logs.ts"),
  packages: () => import("./commands/packages.ts"),
  ssh: () => import("./commands/ssh.ts"),
  "ssh-config": () => import("./commands/ssh-config.ts"),
  x11: () => import("./commands/x11.ts"),
  "x11-test": () => import("./commands/x11-test.ts"),
  fleet: () => import("./commands/fleet.ts"),
  new: () => import("./commands/new.ts"),
  lock: () => import("./commands/lock.ts"),
  "rotate-keys": () => import("./commands/rotate-keys.ts"),
  "verify-image": () => import("./commands/verify-image.ts"),
  backup: () => import("./commands/backup.ts"),
  restore: () => import("./commands/restore.ts"),
  bundle: () => import("./commands/bundle.ts"),
  down: () => import("./commands/down.ts"),
  completion: () => import("./commands/completion.ts"),
};
