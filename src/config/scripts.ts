import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import type { Checked } from "../model/checked.ts";
import type { Script } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";

/**
 * Reads `custom.on_build` or `custom.on_first_run`: lines of the form "path arguments", as PeiDocker writes them. Arguments are words; there
 * is no shell that could expand them.
 *
 * @param ids what the scripts are called, where that is not their own name
 */
export function readScripts(
  lines: readonly string[],
  directory: string,
  problem: (index: number, message: string) => Problem,
  ids: readonly (string | undefined)[] = [],
): Checked<Script[]> {
  const scripts: Script[] = [];
  const problems: Problem[] = [];
  lines.forEach((line, index) => {
    const [path = "", ...words] = line.trim().split(/\s+/);
    const script = scriptOf(line);
    const tool = toolOf(script);
    const id = ids[index] ?? tool;
    if (/["'$`\\]/.test(line)) {
      problems.push(problem(index, "holds a quote, `$`, backtick or backslash; arguments are plain words"));
    } else if (!/^stage-[12]\/(system|custom)\/./.test(script)) {
      problems.push(problem(index, `${path} must lie below stage-1/ or stage-2/, in system/ or custom/`));
    } else if (!existsSync(join(directory, "scripts", script))) {
      problems.push(problem(index, `scripts/${script} does not exist; there are: ${existing(directory).join(", ")}`));
    } else if (scripts.some((other) => other.id === id)) {
      problems.push(
        problem(
          index,
          `${id} is listed twice; once is enough: a script that failed is run again by the next \`up\`. Two runs of one script on first run need an \`id\` each`,
        ),
      );
    } else {
      scripts.push({ id, tool, script, arguments: words });
    }
  });
  return problems.length > 0 ? { problems } : { value: scripts };
}

/** The path that a line begins with. */
export const scriptOf = (line: string): string => normalize(line.trim().split(/\s+/, 1)[0] ?? "");

/** `stage-1/system/uv/install-uv.sh` is `uv`; a script of its own in custom/ goes by its name. */
export function toolOf(script: string): string {
  return script.includes("/system/") ? basename(dirname(script)) : basename(script).replace(/\.[^.]*$/, "");
}

function existing(directory: string): string[] {
  const root = join(directory, "scripts");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /^stage-[12]\/.*\.(sh|bash)$/.test(name)).sort();
}
