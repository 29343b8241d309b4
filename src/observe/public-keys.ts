import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Checked } from "../model/checked.ts";
import type { Problem } from "../model/problem.ts";
import { expand, namesIn } from "./host-files.ts";

/** What one `pubkey_file` says. */
export interface PublicKeys {
  /** Lines in authorized_keys form. */
  readonly lines: readonly string[];
  /** Whether the SSH agent's keys are meant, too. */
  readonly withAgent: boolean;
}

/** `ssh-ed25519 AAAA…`, `ecdsa-…`, `sk-…@openssh.com`, with or without a comment. */
const keyLine =
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) (\S+)( |$)/;

/**
 * Reads a `pubkey_file`: `~` (or a bare ~, which is YAML's null) for every `~/.ssh/id_*.pub` and the agent's keys, a
 * key itself, or else a file of keys.
 *
 * @param problem makes a problem of a sentence about this option
 */
export function readPublicKeys(
  option: string | null,
  home: string,
  problem: (message: string) => Problem,
): Checked<PublicKeys> {
  const isInline = option !== null && keyLine.test(option.trimStart());
  if (isInline) return toKeys(linesOf(option, "the text"), false, problem);
  if (option?.includes("PRIVATE KEY-----")) {
    return { problems: [problem("holds a private key; write the public one, or its path")] };
  }
  if (option?.includes("\n")) return { problems: [problem("has several lines, and the first is no public key")] };
  const isAll = option === null || option === "~";
  const folder = join(home, ".ssh");
  const files = isAll ? namesIn(folder, /^id_.*\.pub$/).map((name) => join(folder, name)) : [expand(option, home)];
  return toKeys(
    files.flatMap((file) => linesOf(read(file), file)),
    isAll,
    problem,
  );
}

/** Whether a line is a public key that authorized_keys can hold: its base64 begins with the name of its own kind. */
export function isPublicKey(line: string): boolean {
  const [, kind = "", , , , blob = ""] = keyLine.exec(line) ?? [];
  const bytes = Buffer.from(blob, "base64");
  return kind !== "" && bytes.length > 4 + kind.length && bytes.toString("latin1", 4, 4 + kind.length) === kind;
}

/** A key without its comment: what makes two lines the same key. */
export const keyOf = (line: string): string => line.split(" ", 2).join(" ");

/** A line that is a key, or what is wrong with it. */
type Line = { readonly key: string } | { readonly wrong: string };

function toKeys(
  lines: readonly Line[],
  withAgent: boolean,
  problem: (message: string) => Problem,
): Checked<PublicKeys> {
  const wrong = lines.flatMap((line) => ("wrong" in line ? [problem(line.wrong)] : []));
  if (wrong.length > 0) return { problems: wrong };
  const keys = lines.flatMap((line) => ("key" in line ? [line.key] : []));
  const distinct = keys.filter((key, index) => keys.findIndex((other) => keyOf(other) === keyOf(key)) === index);
  return { value: { lines: distinct, withAgent } };
}

function read(file: string): string | Line {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    return {
      wrong: `${file} cannot be read (${reason}); mend the path or its rights, or write "~", or the key itself`,
    };
  }
}

/** @param where names the text in a sentence */
function linesOf(text: string | Line, where: string): Line[] {
  if (typeof text !== "string") return [text];
  if (/PRIVATE KEY-----/.test(text)) return [{ wrong: `${where} is a private key; name the public one, ${where}.pub` }];
  const lines = text.split("\n").map((line) => line.trim());
  return lines.flatMap((line, index): Line[] => {
    if (line === "" || line.startsWith("#")) return [];
    if (isPublicKey(line)) return [{ key: line }];
    return [{ wrong: `${where} is not a public key file: line ${index + 1} has no key in authorized_keys form` }];
  });
}
