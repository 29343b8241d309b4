#!/usr/bin/env node
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { UserError } from "../model/user-error.ts";
import { inspect } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";
import { runProgram } from "../process/run-program.ts";

// run-hooks.ts CONTAINER START TRIGGER: installs the hooks of the box from standard input, an `Order` as JSON, and runs those of
// custom.on_every_start, unless the start of the container has just run them. Prints the failures to standard output. START is not read:
// another start makes Pulumi run this again.
// run-hooks.ts CONTAINER --remove: removes them.

interface Order {
  readonly lists: { readonly start: string; readonly login: string };
  /** Folders below `scripts/`. */
  readonly folders: readonly string[];
}

/** Runs in the box: replaces the hooks with an archive on standard input. The arguments are the trigger and both lists. */
const install = `
  set -euo pipefail
  umask 022
  folder=/var/lib/benchbox/hooks new=/var/lib/benchbox/hooks.new
  rm -rf "$new"
  mkdir -p "$new/scripts" "$folder/logs"
  tar --extract --gzip --no-same-owner --directory "$new/scripts"
  printf %s "$2" >"$new/start"
  printf %s "$3" >"$new/login"
  cd "$new"
  find scripts start login -type f -exec sha256sum {} + >sums
  printf '%s\\n' "$1" >trigger
  for name in logs failed ran; do
    if [[ -e $folder/$name ]]; then mv "$folder/$name" "$new"; fi
  done
  rm -rf "$folder"
  mv "$new" "$folder"
  # Beside the logs of the first run, in a folder of the first user.
  logs=$(readlink /var/log/benchbox)
  user=\${logs#/home/}
  while IFS=$'\\t' read -r id _; do
    runuser -u "\${user%%/*}" -- bash -c 'mkdir -p "$0" && ln -sfn "$1" "$0"' "$logs" "$folder/logs/start-$id.log" </dev/null
  done <"$folder/start"`;

async function runHooks(container: string, trigger: string, { lists, folders }: Order): Promise<number> {
  const tar = spawn("tar", ["--create", "--gzip", `--directory=${resolve("scripts")}`, ...folders], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(tar, "exit"); // its output is never closed here, because only docker reads it
  const words = ["exec", "--interactive", "--user", "root", container, "bash", "-c", install, "-", trigger];
  const code = await runProgram("docker", [...words, lists.start, lists.login], {
    stdio: [tar.stdout, "inherit", "inherit"],
  });
  const [tarCode] = await ended;
  if (code !== 0 || tarCode !== 0) throw new UserError("installing the hooks in the box failed: see the lines above");
  return runProgram("docker", ["exec", container, "/usr/local/lib/benchbox/run-hooks", "start", "--once"]);
}

async function removeHooks(container: string): Promise<number> {
  const [box] = await inspect("container", [container]);
  if (box === undefined) return 0; // they went with it
  return runProgram("docker", ["exec", "--user", "root", container, "rm", "-rf", "/var/lib/benchbox/hooks"]);
}

if (import.meta.main) {
  runCommand(async () => {
    const [container = "", start = "", trigger = ""] = process.argv.slice(2);
    if (start === "--remove") return removeHooks(container);
    return runHooks(container, trigger, JSON.parse(await text(process.stdin)) as Order);
  });
}
