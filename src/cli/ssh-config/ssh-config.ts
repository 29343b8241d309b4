import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { sshWord } from "../../model/ssh-word.ts";
import type { BoxAccess } from "../../state/box-outputs.ts";
import { beginOf, hostBlock, keepLines, knownHost, withoutBlock, withoutKnownHost } from "./host-entry.ts";
import { readBytes, replaceFile } from "./replace-file.ts";

/**
 * What ssh knows of the boxes: host entries and host keys in files of our own, `~/.ssh/benchbox/`, and one Include line at the top of
 * `~/.ssh/config`. Whoever changes it holds the lock of the folder.
 */
export class SshConfig {
  readonly #folder: string;
  readonly #entries: string;
  readonly #hosts: string;
  /** The user's own file, and what it was before the first change. */
  readonly #config: string;
  readonly #original: string;

  /** @param folder `~/.ssh` */
  constructor(folder: string) {
    this.#folder = join(folder, "benchbox");
    this.#entries = join(this.#folder, "config");
    this.#hosts = join(this.#folder, "known_hosts");
    this.#config = join(folder, "config");
    this.#original = `${this.#config}.before-benchbox`;
  }

  has(name: string): boolean {
    return readBytes(this.#entries).split("\n").includes(beginOf(name));
  }

  put(name: string, box: BoxAccess, keys: readonly string[]): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const block = bytesOf(hostBlock(name, box, this.#hosts, keys));
    replaceFile(this.#entries, withoutBlock(readBytes(this.#entries), name) + block);
    replaceFile(this.#hosts, withoutKnownHost(readBytes(this.#hosts), name) + knownHost(name, box));
    this.#keepOriginal();
    // At the top, since further down it would belong to the Host above it.
    replaceFile(this.#config, `${this.#includeLine}\n${this.#withoutInclude()}`);
  }

  /** Takes a box out, and with the last one everything of ours. */
  remove(name: string): void {
    const entries = withoutBlock(readBytes(this.#entries), name);
    replaceFile(this.#entries, entries);
    replaceFile(this.#hosts, withoutKnownHost(readBytes(this.#hosts), name));
    if (entries !== "") return;
    if (existsSync(this.#config)) replaceFile(this.#config, this.#withoutInclude());
    // As it was: nothing where there was nothing, and no copy of what is the same.
    const hadFile = existsSync(this.#original);
    if (!hadFile && readBytes(this.#config) === "") rmSync(this.#config, { force: true });
    if (hadFile && existsSync(this.#config) && readBytes(this.#config) === readBytes(this.#original)) {
      rmSync(this.#original);
    }
    rmSync(this.#entries);
    rmSync(this.#hosts);
    rmdirSync(this.#folder);
  }

  /** Once, before the first change. */
  #keepOriginal(): void {
    if (existsSync(this.#original) || !statSync(this.#config, { throwIfNoEntry: false })?.isFile()) return;
    if (readBytes(this.#config).split("\n").includes(this.#includeLine)) return;
    execFileSync("cp", ["-p", this.#config, this.#original]);
  }

  get #includeLine(): string {
    return bytesOf(`Include ${sshWord(this.#entries)}`);
  }

  #withoutInclude(): string {
    return keepLines(readBytes(this.#config), (line) => line !== this.#includeLine);
  }
}

/** Our own text among other people's bytes. */
const bytesOf = (text: string): string => Buffer.from(text).toString("latin1");
