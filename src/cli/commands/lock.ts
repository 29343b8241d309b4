import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { readToolLock } from "../../config/tool-lock.ts";
import { UserError } from "../../model/user-error.ts";
import { bridgeSocks } from "../../network/proxy-bridge.ts";
import { changes, lockText } from "../lock/lock-text.ts";
import { renewTool } from "../lock/renew.ts";
import { exitWith } from "../stack-command.ts";

export default new Command("lock")
  .summary("renew tools.lock.yml")
  .description("renew tools.lock.yml: newest versions and their checksums; what cannot be asked stays as it is")
  .argument("[tools...]", "only these")
  .option("--major", "let a tool that stays on a major version (Node.js) go on to the next with long-term support")
  .action(
    exitWith((tools: string[], { major = false }: { major?: boolean }) =>
      renewLockFile("tools.lock.yml", tools, major),
    ),
  );

/** @param tools ids; none for all */
export async function renewLockFile(file: string, tools: readonly string[], major: boolean): Promise<number> {
  Object.assign(process.env, (await bridgeSocks(process.env)).variables); // pip knows no SOCKS
  const text = readFileSync(file, "utf8");
  const before = readToolLock(text);
  const unknown = tools.filter((id) => before[id] === undefined);
  if (unknown.length > 0) {
    throw new UserError(`${file} has no ${unknown.join(", ")}; it has ${Object.keys(before).join(", ")}`);
  }
  const wanted = tools.length > 0 ? tools : Object.keys(before);
  const kept = new Map<string, string>();
  const renewed = await Promise.all(
    wanted.map(async (id) => {
      const tool = await renewTool(before[id] ?? {}, major, (who, error) => {
        kept.set(`${id} from ${who}`, error instanceof Error ? error.message : String(error));
      });
      return [id, tool] as const;
    }),
  );
  const after = { ...before, ...Object.fromEntries(renewed) };
  writeFileSync(file, lockText(text, after));

  for (const line of changes(before, after)) console.log(line);
  for (const [what, reason] of kept) console.log(`not asked: ${what} (${reason})`);
  if (changes(before, after).length === 0)
    console.log(`benchbox: ${file} is up to date, as far as its sources could be asked`);
  return 0;
}
