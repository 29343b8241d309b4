import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Checked } from "../model/checked.ts";
import type { Problem } from "../model/problem.ts";
import { expand, namesIn } from "./host-files.ts";

/** The keys in one `pubkey_file`. */
export interface PublicKeys {
  /** Lines in authorized_keys form. */
  readonly lines: readonly string[];
  /** Whether the SSH agent's keys count as well. */
  readonly withAgent: boolean;
}

/** `ssh-ed25519 AAAA…`, `ecdsa-…`, `sk-…@openssh.com`, with or without a comment. */
const keyLine =
  /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) (\S+)( |$)/;

/**
 * Reads a `pubkey_file`: `~` (unquoted it is YAML's null) for every `~/.ssh/id_*.pub` and the agent's keys, a key itself, or a file
 * of keys.
 *
 * @param problem creates a problem from a message about this option
 */
export function readPublicKeys(
  option: string | null,
  home: string,
  problem: (message: string) => Problem,
): Checked<PublicKeys> {
  const isInline = option !== null && keyLine.test(option.trimStart());
  if (!isInline && option?.includes("PRIVATE KEY-----")) {
    return { problems: [problem("holds a private key; write the public key, or its path")] };
  }
  if (!isInline && option?.includes("\n"))
    return { problems: [problem("has several lines, and the first is not a public key")] };
  const withAgent = option === null || option === "~";
  const folder = join(home, ".ssh");
  const files = withAgent ? namesIn(folder, /^id_.*\.pub$/).map((name) => join(folder, name)) : [expand(option, home)];
  const lines = isInline ? linesOf(option, "the text") : files.flatMap(linesOfFile);
  const problems = lines.flatMap((line) => ("error" in line ? [problem(line.error)] : []));
  if (problems.length > 0) return { problems };
  const keys = lines.flatMap((line) => ("key" in line ? [line.key] : []));
  const distinct = keys.filter((key, index) => keys.findIndex((other) => keyOf(other) === keyOf(key)) === index);
  return { value: { lines: distinct, withAgent } };
}

/** Whether a line is a valid public key for authorized_keys: its base64 data begins with the name of its type. */
export function isPublicKey(line: string): boolean {
  const [, kind = "", , , , blob = ""] = keyLine.exec(line) ?? [];
  const bytes = Buffer.from(blob, "base64");
  return kind !== "" && bytes.length > 4 + kind.length && bytes.toString("latin1", 4, 4 + kind.length) === kind;
}

/** A key without its comment, for comparison with other keys. */
export const keyOf = (line: string): string => line.split(" ", 2).join(" ");

/** A key, or why a line or file has none. */
type Line = { readonly key: string } | { readonly error: string };

function linesOfFile(file: string): Line[] {
  try {
    return linesOf(readFileSync(file, "utf8"), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = 'fix the path or its permissions, or write "~", or the key itself';
    return [{ error: `${file} cannot be read (${code}); ${fix}` }];
  }
}

/** @param where the text's name in a message */
function linesOf(text: string, where: string): Line[] {
  if (/PRIVATE KEY-----/.test(text)) return [{ error: `${where} is a private key; use the public key, ${where}.pub` }];
  const lines = text.split("\n").map((line) => line.trim());
  return lines.flatMap((line, index): Line[] => {
    if (line === "" || line.startsWith("#")) return [];
    if (isPublicKey(line)) return [{ key: line }];
    return [{ error: `${where} is not a public key file: line ${index + 1} has no key in authorized_keys format` }];
  });
}
