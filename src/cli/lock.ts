import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readToolLock } from "../config/tool-lock.ts";
import { UserError } from "../model/user-error.ts";
import { bridgeSocks } from "../network/proxy-bridge.ts";
import { runCommand } from "../process/run-command.ts";
import { changes, lockText } from "./tool-lock/lock-text.ts";
import { renewTool } from "./tool-lock/renew.ts";

// The second half of `src/cli/lock`, which says what it does.

const file = "tools.lock.yml";
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { major: { type: "boolean" } } });

  Object.assign(process.env, (await bridgeSocks(process.env)).variables); // pip knows no SOCKS
  const text = readFileSync(file, "utf8");
  const before = readToolLock(text);
  const unknown = positionals.filter((id) => before[id] === undefined);
  if (unknown.length > 0) {
    throw new UserError(`${file} has no ${unknown.join(", ")}; it has ${Object.keys(before).join(", ")}`);
  }
  const wanted = positionals.length > 0 ? positionals : Object.keys(before);
  const kept = new Map<string, string>();
  const renewed = await Promise.all(
    wanted.map(async (id) => {
      const tool = await renewTool(before[id] ?? {}, values.major === true, (who, error) => {
        kept.set(`${id} from ${who}`, error instanceof Error ? error.message : String(error));
      });
      return [id, tool] as const;
    }),
  );
  const after = { ...before, ...Object.fromEntries(renewed) };
  writeFileSync(file, lockText(text, after));

  for (const line of changes(before, after)) console.log(line);
  for (const [what, reason] of kept) console.log(`not asked: ${what} (${reason})`);
  if (changes(before, after).length === 0) console.log(`benchbox: ${file} is as new as can be found out from here`);
  return 0;
}

runCommand(main);
