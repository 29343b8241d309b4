import { dirname, join } from "node:path";
import { hashFolder, hashOf } from "../model/hash.ts";
import type { Hook, Hooks } from "../model/machine.ts";
import type { BoxObservation } from "../observe/box-observation.ts";
import { changed, type Drift, drift } from "./drift.ts";
import { matchesHash, nonce } from "./trigger.ts";

export interface HookPlan {
  /** Lines of the box's lists; see `image/box/run-hooks`. Undefined without hooks. */
  readonly lists: { readonly start: string; readonly login: string } | undefined;
  /** Folders below `scripts/` that the hooks need. */
  readonly folders: readonly string[];
  /** Changes when the hooks must be installed and those of `on_every_start` must run, beside at each start of the container. */
  readonly trigger: string;
  readonly drifts: readonly Drift[];
}

/** Plans the hooks. The working directory must be the project's folder. */
export function planHooks({ start, login }: Hooks, box: Pick<BoxObservation, "state" | "hooks">): HookPlan {
  const all = [...start, ...login];
  const lists = all.length === 0 ? undefined : { start: linesOf(start), login: linesOf(login) };
  const folders = [...new Set(["lib", ...all.map(({ script }) => dirname(script))])].sort();
  const hash =
    lists === undefined
      ? ""
      : hashOf(lists.start, lists.login, ...folders.map((one) => hashFolder(join("scripts", one))));
  const drifts = box.state === "running" ? driftsOf(hash, start, box.hooks) : [];
  const found = box.hooks?.trigger;
  const isIntact = drifts.length === 0 && found !== undefined;
  const trigger = isIntact ? found : drifts.some(({ kind }) => kind === "drift") ? `${hash} ${nonce()}` : hash;
  return { lists, folders, trigger, drifts };
}

function driftsOf(hash: string, start: readonly Hook[], found: BoxObservation["hooks"]): Drift[] {
  const plan = `installs them${start.length > 0 ? ", and runs those of on_every_start" : ""}`;
  if (hash === "") return found === undefined ? [] : [changed("hooks", "none", "installed", "removes them", "hooks")];
  if (found === undefined) return [drift("hooks", "installed", "missing", plan, "hooks")];
  if (!matchesHash(hash, found.trigger))
    return [changed("hooks", "the current configuration", "of an earlier configuration", plan, "hooks")];
  if (found.isEdited)
    return [drift("hooks", "the stack's scripts", "their files were edited in the box", plan, "hooks")];
  return start.flatMap(({ id, required }) => {
    const failure = found.failures.get(id);
    if (failure === undefined || !required) return [];
    return [
      drift(`hook ${id}`, "ran when the box started", failure, "runs all hooks of on_every_start again", "hooks"),
    ];
  });
}

/** A line for each hook, with its fields separated by tabs. Neither an id nor a word of a script's line contains a tab. */
const linesOf = (hooks: readonly Hook[]): string =>
  hooks
    .map(({ id, user, timeout, required, environment, script, arguments: words }) => {
      const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}\0`);
      const encoded = Buffer.from(variables.join("")).toString("base64") || "-";
      return `${[id, user ?? "-", timeout, required ? "yes" : "no", encoded, script, ...words].join("\t")}\n`;
    })
    .join("");
