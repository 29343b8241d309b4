import { realpathSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Loading Pulumi's SDK takes as long as observing the host, and neither needs the other, so they run at the same time.

const words = process.argv.slice(2);
const option = (name: string): string => words[words.indexOf(`--${name}`) + 1 || words.length] ?? "";
const root = join(import.meta.dirname, "../../..");

if (isOurs(option("pwd"))) {
  const { beginObservation } = await withoutLanguages(() => import("../early-observation.ts"));
  const [project, stack] = [option("project"), option("stack")];
  beginObservation({ directory: root, project, stack, engineConfig: engineConfig(), home: homedir() });
}

function isOurs(folder: string): boolean {
  return folder !== "" && realpathSync(folder) === root;
}

/** The configuration from the Pulumi engine, with its keys `project:config:key` in the SDK's form `project:key`. */
function engineConfig(): Record<string, string> {
  const given: Record<string, string> = JSON.parse(process.env.PULUMI_CONFIG || "{}");
  return Object.fromEntries(Object.entries(given).map(([key, text]) => [key.replace(/^([^:]+):config:/, "$1:"), text]));
}

/** Loads zod without its messages in fifty languages, which take as long to load as all the rest of it. */
async function withoutLanguages<T>(load: () => Promise<T>): Promise<T> {
  // Node has these hooks from 22.15 on; an older one loads the languages.
  const hooks = module.registerHooks?.({
    resolve: (name, context, next) =>
      name === "../locales/index.js" && context.parentURL?.includes("/node_modules/zod/")
        ? { url: "data:text/javascript,", shortCircuit: true }
        : next(name, context),
  });
  const loaded = await load();
  hooks?.deregister();
  return loaded;
}
