/** What scripts/host/pull-base runs; how it is used stands there. */
import { baseIdentity } from "../../../lib/base-identity.ts";
import { provideBase } from "./base.ts";
import { Engine } from "./engine.ts";
import { readLimits } from "./limits.ts";
import { readOptions } from "./options.ts";
import { Problem } from "./problem.ts";

const say = (line: string) => console.error(`benchbox: ${line}`);

try {
  const options = readOptions(process.argv.slice(2));
  const image = await provideBase(new Engine(), options, readLimits(process.env), say);
  console.log(baseIdentity(image));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(error.message);
  process.exitCode = 1;
}
