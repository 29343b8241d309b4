import type { Command } from "commander";

/** The commands of `benchbox`, in the order of its help. Each is in a file of its own, which is loaded only when needed. */
export const commands: Readonly<Record<string, () => Promise<{ readonly default: Command }>>> = {
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  drift: () => import("./commands/drift.ts"),
  doctor: () => import("./commands/doctor.ts"),
  tools: () => import("./commands/tools.ts"),
  logs: () => import("./commands/logs.ts"),
  packages: () => import("./commands/packages.ts"),
  open: () => import("./commands/open.ts"),
  ssh: () => import("./commands/ssh.ts"),
  "ssh-config": () => import("./commands/ssh-config.ts"),
  key: () => import("./commands/key.ts"),
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
