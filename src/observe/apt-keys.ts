import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expand } from "./host-files.ts";

/** A public key of a package archive. */
export interface AptKey {
  /** Extension that apt expects for its form: `asc` for text, `gpg` for binary. */
  readonly extension: "asc" | "gpg";
  readonly base64: string;
}

/** The first byte of binary OpenPGP data that begins with a public key, or with a secret one (RFC 9580, section 4.2). */
const publicKey = [0x98, 0x99, 0x9a, 0xc6];
const secretKey = [0x94, 0x95, 0x96, 0xc5];

/** Reads a key file; returns what is wrong with it as the end of a sentence that begins with the configured path. */
export function readAptKey(written: string, directory: string, home: string): AptKey | { readonly problem: string } {
  const file = resolve(directory, expand(written, home));
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return {
      problem: `cannot be read (${(error as NodeJS.ErrnoException).code}): ${file}; fix the path or its permissions`,
    };
  }
  if (bytes.length > 65_536) return { problem: "is not a key: it has more than 64 KiB" };
  const text = bytes.toString("latin1").trimStart();
  const first = bytes[0] ?? 0;
  if (text.startsWith("-----BEGIN PGP PRIVATE KEY BLOCK-----") || secretKey.includes(first))
    return { problem: "is a private key; use the archive's public key" };
  const isText = text.startsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----");
  if (!isText && !publicKey.includes(first))
    return { problem: "is not an OpenPGP public key; download the key that the archive's publisher documents" };
  return { extension: isText ? "asc" : "gpg", base64: bytes.toString("base64") };
}
