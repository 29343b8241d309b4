import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { sshWord } from "../../model/ssh-word.ts";
import type { BoxAccess } from "../../state/box-outputs.ts";
import { beginOf, hostBlock, keepLines, knownHost, withoutBlock, withoutKnownHost } from "./host-entry.ts";
import { readBytes, replaceFile } from "./replace-file.ts";

/**
 * The boxes in the configuration of ssh: host entries and host keys in files of our own in `~/.ssh/benchbox/`, and one Include line at the
 * top of `~/.ssh/config`. Callers must hold the folder's lock to change it.
 *
 * @param folder `~/.ssh`
 */
export function sshConfigIn(folder: string) {
  const own = join(folder, "benchbox");
  const entries = join(own, "config");
  const hosts = join(own, "known_hosts");
  /** The user's own file, and a copy from before the first change. */
  const config = join(folder, "config");
  const original = `${config}.before-benchbox`;
  const include = bytesOf(`Include ${sshWord(entries)}`);
  const withoutInclude = (): string => keepLines(readBytes(config), (line) => line !== include);

  return {
    has: (name: string): boolean => readBytes(entries).split("\n").includes(beginOf(name)),

    put(name: string, box: BoxAccess, keys: readonly string[]): void {
      mkdirSync(own, { recursive: true, mode: 0o700 });
      replaceFile(entries, withoutBlock(readBytes(entries), name) + bytesOf(hostBlock(name, box, hosts, keys)));
      replaceFile(hosts, withoutKnownHost(readBytes(hosts), name) + knownHost(name, box));
      const isFirst = !existsSync(original) && !readBytes(config).split("\n").includes(include);
      const isFile = statSync(config, { throwIfNoEntry: false })?.isFile();
      if (isFirst && isFile) execFileSync("cp", ["-p", config, original]);
      // At the top, since further down it would be part of the Host section above it.
      replaceFile(config, `${include}\n${withoutInclude()}`);
    },

    /** Removes a box, and with the last one all of our files and lines. */
    remove(name: string): void {
      const others = withoutBlock(readBytes(entries), name);
      replaceFile(entries, others);
      replaceFile(hosts, withoutKnownHost(readBytes(hosts), name));
      if (others !== "") return;
      if (existsSync(config)) replaceFile(config, withoutInclude());
      // Restores the original state: removes a file that we created, and a copy that is no longer needed.
      const hadFile = existsSync(original);
      if (!hadFile && readBytes(config) === "") rmSync(config, { force: true });
      if (hadFile && existsSync(config) && readBytes(config) === readBytes(original)) rmSync(original);
      rmSync(entries);
      rmSync(hosts);
      rmdirSync(own);
    },
  };
}

/** Encodes our text with one character per byte, as `readBytes` does. */
const bytesOf = (text: string): string => Buffer.from(text).toString("latin1");
