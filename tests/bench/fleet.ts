import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Clone, freePort } from "../support/clone.ts";
import { memoryOf } from "./memory.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

const count = 8;
/** The number of stacks that `fleet list` checks, most of which have no box. */
const many = 50;
/** Seconds to wait for a host that does not answer. */
const timeLimit = 10;

/** Measures concurrent previews of unchanged stacks, compared with sequential ones; their memory; and the cost of an unreachable host. */
export async function fleetRows(times: number, showProgress: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`benchfleet${process.pid}`, await freePort());
  const stacks = Array.from({ length: count }, (_, index) => `${clone.stack}x${index}`);
  try {
    clone.firstRun();
    const text = clone.read(`Pulumi.${clone.stack}.yaml`);
    for (const stack of stacks)
      clone.write(`Pulumi.${stack}.yaml`, text.replace(/port: \d+/, `port: ${await freePort()}`));
    const fleet = (...words: string[]) => clone.ok(["bin/benchbox", "fleet", ...words, "--only", stacks.join(",")]);
    showProgress(`bringing up ${count} boxes`);
    await fleet("up", "--yes");
    const ours: number[] = [];
    const reference: number[] = [];
    showProgress("running previews, concurrently and sequentially");
    for (let time = 0; time < times; time++) {
      ours.push(await secondsOf(() => fleet("preview")));
      reference.push(
        await secondsOf(async () => {
          for (const stack of stacks) await clone.ok(["bin/pulumi", "preview", "--refresh", "--stack", stack]);
        }),
      );
    }
    showProgress("measuring memory");
    const measureMemory = (command: string, names: readonly string[]) =>
      memoryOf(clone, ["npm", "run", "--silent", "fleet", "--", command, "--only", names.join(",")]);
    const previewMemory = await measureMemory("preview", stacks);
    const boxless = Array.from({ length: many - count }, (_, index) => `${clone.stack}y${index}`);
    for (const [index, stack] of boxless.entries())
      clone.write(`Pulumi.${stack}.yaml`, text.replace(/port: \d+/, `port: ${33_000 + index}`));
    const listMemory = await measureMemory("list", [...stacks, ...boxless]);

    showProgress("checking drift with a host that does not answer");
    const dead = `${clone.stack}z`;
    const silent = createServer().listen(0, "127.0.0.1"); // accepts the connection and never answers
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    clone.write(`Pulumi.${dead}.yaml`, `${text}  benchbox:docker_host: tcp://127.0.0.1:${port}\n`);
    const drift = (names: readonly string[]) =>
      secondsOf(() =>
        clone.run([
          "npm",
          "run",
          "--silent",
          "fleet",
          "--",
          "drift",
          `--timeout=${timeLimit}`,
          "--only",
          names.join(","),
        ]),
      );
    const alone = await drift(stacks);
    const withDead = await drift([...stacks, dead]);
    silent.close();

    const limit = { against: "a limit", reference: [1500], target: 1, unit: "MB" } as const;
    return [
      {
        what: `fleet preview of ${count} stacks`,
        ours,
        against: "sequential previews",
        reference,
        target: 0.6,
        unit: "s",
      },
      { what: `fleet preview of ${count} stacks, memory`, ours: [previewMemory], ...limit },
      { what: `fleet list of ${many} stacks, memory`, ours: [listMemory], ...limit },
      {
        what: `fleet drift of ${count} stacks and an unreachable one`,
        ours: [withDead],
        against: `without it, plus ${timeLimit} s`,
        reference: [alone + timeLimit],
        target: 1,
        unit: "s",
      },
    ];
  } finally {
    for (const stack of stacks) await clone.ok(["npm", "run", "down", "--", stack, `--purge=${stack}`]);
    clone.remove();
  }
}
