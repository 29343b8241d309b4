import { readFileSync, writeFileSync } from "node:fs";
import { readToolLock } from "../../config/tool-lock.ts";
import { UserError } from "../../model/user-error.ts";
import { bridgeSocks } from "../../network/proxy-bridge.ts";
import { changes, lockText } from "../lock/lock-text.ts";
import { renewTool } from "../lock/renew.ts";
import { createCommand } from "../stack-command.ts";

export default createCommand("lock")
  .summary("update tools.lock.yml")
  .description(
    "update tools.lock.yml to the newest versions and their checksums; entries whose sources do not answer stay unchanged",
  )
  .argument("[tools...]", "only these tools")
  .option("--major", "move a tool that stays on a major version (Node.js) to the next one with long-term support")
  .action((tools, { major }) => renewLockFile("tools.lock.yml", tools, major));

/** Updates a lock file. @param tools ids; empty for all */
export async function renewLockFile(file: string, tools: readonly string[], major = false): Promise<void> {
  Object.assign(process.env, (await bridgeSocks(process.env)).variables); // pip does not support SOCKS
  const text = readFileSync(file, "utf8");
  const before = readToolLock(text);
  const unknown = tools.filter((id) => before[id] === undefined);
  if (unknown.length > 0) {
    throw new UserError(`${file} has no tool ${unknown.join(", ")} (tools: ${Object.keys(before).join(", ")})`);
  }
  const wanted = tools.length > 0 ? tools : Object.keys(before);
  const kept = new Map<string, string>();
  const renewed = await Promise.all(
    wanted.map(async (id) => {
      const attempt = <T>(who: string, answer: Promise<T>): Promise<T | undefined> =>
        answer.catch((error: unknown) => {
          kept.set(`${id} from ${who}`, error instanceof Error ? error.message : String(error));
          return undefined;
        });
      return [id, await renewTool(before[id] ?? {}, major, attempt)] as const;
    }),
  );
  const after = { ...before, ...Object.fromEntries(renewed) };
  writeFileSync(file, lockText(text, after));

  for (const line of changes(before, after)) console.log(line);
  for (const [what, reason] of kept) console.log(`unchanged: ${what} failed: ${reason}`);
  if (changes(before, after).length === 0)
    console.log(`benchbox: ${file} is up to date, as far as its sources answered`);
}
