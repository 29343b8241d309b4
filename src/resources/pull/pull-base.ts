/** What src/resources/pull-base runs; how it is used stands there. */
import { baseIdentity } from "../../model/base-identity.ts";
import { Problem } from "../../model/pull-error.ts";
import { Engine } from "../../observe/engine-api.ts";
import { provideBase } from "./base.ts";
import { readOptions } from "./options.ts";
import { readLimits } from "./time-limits.ts";

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
