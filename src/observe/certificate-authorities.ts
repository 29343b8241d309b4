import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Checked } from "../model/checked.ts";
import type { Problem } from "../model/problem.ts";
import { expand } from "./host-files.ts";

/** Where Debian and Ubuntu, and Fedora and Red Hat, keep the certificate authorities added to a computer. */
const hostFolders = ["/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors"];

/** Names that the distributions' tools accept as certificates; other files in the folders, such as a README, are ignored. */
const certificateName = /\.(crt|pem|cer|der)$/i;

export interface CertificateAuthorities {
  /** In PEM form, each once. */
  readonly certificates: readonly string[];
  /** A sentence for each file in this computer's folders that holds none. */
  readonly warnings: readonly string[];
}

/**
 * Reads the certificate authorities that build and box trust: PEM files with any number of certificates, or DER files.
 *
 * @param option `host` for the certificates added to this computer, through the folders and links that `update-ca-certificates` and
 *   `update-ca-trust` follow; otherwise files and folders. A file without a certificate is a warning for `host`, and a problem where
 *   the user has named it.
 */
export function readCertificateAuthorities(
  option: "host" | readonly string[],
  directory: string,
  problem: (message: string) => Problem,
  folders: readonly string[] = hostFolders,
): Checked<CertificateAuthorities> {
  const places = option === "host" ? folders : option.map((file) => resolve(directory, expand(file, homedir())));
  const certificates = new Set<string>();
  const faults: string[] = [];
  for (const place of places) {
    for (const found of readPlace(place)) {
      if ("fault" in found) faults.push(found.fault);
      else for (const pem of found.pems) certificates.add(pem);
    }
  }
  if (option !== "host" && faults.length > 0) return { problems: faults.map(problem) };
  const warnings = faults.map((fault) => `${fault}; build and box do not use it (build.ca_certificates: host)`);
  return { value: { certificates: [...certificates], warnings } };
}

type Found = { readonly pems: readonly string[] } | { readonly fault: string };

/** A file, or the certificates in a folder and below it. */
function readPlace(place: string, visited: readonly string[] = []): Found[] {
  try {
    if (!statSync(place).isDirectory()) return [readFile(place)];
    const folder = realpathSync(place);
    if (visited.includes(folder)) return []; // a link to a parent folder
    return readdirSync(place)
      .sort() // independent of the order on disk
      .filter((name) => certificateName.test(name) || isFolder(join(place, name)))
      .flatMap((name) => readPlace(join(place, name), [...visited, folder]));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && hostFolders.includes(place)) return []; // not this distribution's folder
    const why = code === "ENOENT" ? "does not exist, or is a broken link" : `cannot be read (${code})`;
    return [{ fault: `${place} ${why}` }];
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function readFile(file: string): Found {
  const content = readFileSync(file);
  const blocks = content.toString("latin1").match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  try {
    const pems = (blocks ?? [content]).map((block) => new X509Certificate(block).toString().trim());
    return { pems };
  } catch {
    return { fault: `${file} is not a certificate in PEM or DER format` };
  }
}
