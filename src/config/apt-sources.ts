import type { Checked } from "../model/checked.ts";
import type { AptSource } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { readAptKey } from "../observe/apt-keys.ts";
import type { AptSourceOptions } from "./source-options.ts";

/**
 * Reads the keys of `build.apt_sources`.
 *
 * @param problem creates a problem with the key of the source at `index`
 */
export function readAptSources(
  sources: AptSourceOptions,
  { directory, home }: { readonly directory: string; readonly home: string },
  problem: (index: number, message: string) => Problem,
): Checked<AptSource[]> {
  const read: AptSource[] = [];
  const problems: Problem[] = [];
  for (const [index, { key: written, ...source }] of sources.entries()) {
    const key = readAptKey(written, directory, home);
    if ("problem" in key) problems.push(problem(index, `${JSON.stringify(written)} ${key.problem}`));
    else read.push({ ...source, key });
  }
  return problems.length > 0 ? { problems } : { value: read };
}
