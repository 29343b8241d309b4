import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import type { Checked } from "../model/checked.ts";
import type { Script } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";

/**
 * Reads `custom.on_build` or `custom.on_first_run`: lines of the form "path arguments", as in PeiDocker. Arguments are plain words;
 * no shell expands them.
 *
 * @param ids ids of the scripts; undefined for one that is named after its tool, see `toolOf`
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
      problems.push(problem(index, "contains a quote, `$`, backtick or backslash; arguments must be plain words"));
    } else if (!/^stage-[12]\/(system|custom)\/./.test(script)) {
      problems.push(problem(index, `${path} must be below stage-1/ or stage-2/, in system/ or custom/`));
    } else if (!existsSync(join(directory, "scripts", script))) {
      problems.push(
        problem(index, `scripts/${script} does not exist; available scripts: ${listScripts(directory).join(", ")}`),
      );
    } else if (scripts.some((other) => other.id === id)) {
      const twice = "To run a script twice on first run, give each entry an `id`";
      const message = `${id} is listed twice; remove one of the two: the next \`up\` retries a failed script. ${twice}`;
      problems.push(problem(index, message));
    } else {
      scripts.push({ id, tool, script, arguments: words });
    }
  });
  return problems.length > 0 ? { problems } : { value: scripts };
}

/** The script path at the start of a line. */
export const scriptOf = (line: string): string => normalize(line.trim().split(/\s+/, 1)[0] ?? "");

/** The tool that a script installs: the folder's name below system/ (`stage-1/system/uv/install-uv.sh` is `uv`), else the file's name. */
export function toolOf(script: string): string {
  return script.includes("/system/") ? basename(dirname(script)) : basename(script).replace(/\.[^.]*$/, "");
}

function listScripts(directory: string): string[] {
  const root = join(directory, "scripts");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /^stage-[12]\/.*\.(sh|bash)$/.test(name)).sort();
}
