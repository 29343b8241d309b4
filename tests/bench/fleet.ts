import { Clone, freePort } from "../support/clone.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

const count = 8;

/** Previews of many unchanged stacks at once, beside the same one after the other. */
export async function fleetRows(times: number, say: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`benchfleet${process.pid}`, await freePort());
  const stacks = Array.from({ length: count }, (_, index) => `${clone.stack}x${index}`);
  try {
    clone.firstRun();
    const text = clone.read(`Pulumi.${clone.stack}.yaml`);
    for (const stack of stacks)
      clone.write(`Pulumi.${stack}.yaml`, text.replace(/port: \d+/, `port: ${await freePort()}`));
    const fleet = (...words: string[]) =>
      clone.ok(["npm", "run", "--silent", "fleet", "--", ...words, "--only", stacks.join(",")]);
    say(`bringing up ${count} boxes`);
    await fleet("up", "--yes");
    const ours: number[] = [];
    const reference: number[] = [];
    say("previews, at once and one after the other");
    for (let time = 0; time < times; time++) {
      ours.push(await secondsOf(() => fleet("preview")));
      reference.push(
        await secondsOf(async () => {
          for (const stack of stacks) await clone.ok(["scripts/host/pulumi", "preview", "--refresh", "--stack", stack]);
        }),
      );
    }
    const what = `fleet preview of ${count} machines`;
    return [{ what, ours, against: "one after the other", reference, target: 0.6, unit: "s" }];
  } finally {
    for (const stack of stacks) await clone.ok(["npm", "run", "down", "--", stack, `--purge=${stack}`]);
    clone.remove();
  }
}
