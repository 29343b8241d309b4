import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Checked } from "./check.ts";
import type { Problem } from "./problem.ts";

/** Where Debian and Ubuntu, then Fedora and Red Hat keep the certificate authorities that were added to a machine. */
const hostCaFolders = ["/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors"];

type ToProblem = (message: string) => Problem;

/** Certificates in PEM form: those added to this machine for `host`, else those of the listed files. */
export function readCaCertificates(
  option: "host" | readonly string[],
  directory: string,
  problem: ToProblem,
): Checked<string[]> {
  const files =
    option === "host"
      ? hostCaFolders.flatMap((folder) => namesIn(folder, /\.(crt|pem)$/).map((name) => join(folder, name)))
      : option.map((file) => resolve(directory, expand(file, homedir())));
  return collect(files, problem, (text, file) => {
    const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    return found ?? `${file} holds no certificate in PEM form`;
  });
}

function collect(
  files: readonly string[],
  problem: ToProblem,
  parse: (text: string, file: string) => string[] | string,
): Checked<string[]> {
  const values: string[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    try {
      const parsed = parse(readFileSync(file, "utf8"), file);
      if (typeof parsed === "string") problems.push(problem(parsed));
      else values.push(...parsed);
    } catch (error) {
      problems.push(
        problem(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}); mend the path or its rights`),
      );
    }
  }
  return problems.length > 0 ? { problems } : { value: [...new Set(values)] };
}

/** `~/x` below the home folder; any other path as it is. */
export const expand = (path: string, home: string): string =>
  path.startsWith("~/") ? join(home, path.slice(2)) : path;

/** Sorted, so that the order on disk is no difference. A folder that is not there has no names. */
export function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
