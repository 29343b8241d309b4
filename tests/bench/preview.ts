import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clone, freePort } from "../support/clone.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

/** Measures previews of an unchanged box with every tool, compared with those of an empty Pulumi program. */
export async function previewRows(times: number, showProgress: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`benchview${process.pid}`, await freePort(), {}, "all");
  const empty = new EmptyProgram();
  try {
    showProgress("bringing up a box with every tool");
    await clone.up();
    const memory = join(clone.home, "memory");
    writeFileSync(join(clone.home, "memory.cjs"), memoryHook(memory));
    const hook = { NODE_OPTIONS: `--require ${JSON.stringify(join(clone.home, "memory.cjs"))}` };
    const preview = (environment = {}) =>
      clone.ok(["bin/pulumi", "preview", "--refresh", "--stack", clone.stack], environment);
    const values = { ours: [] as number[], reference: [] as number[], drift: [] as number[], memory: [] as number[] };
    await preview();
    empty.preview();
    showProgress("running previews and drift checks");
    for (let time = 0; time < times; time++) {
      values.reference.push(await secondsOf(() => empty.preview()));
      values.ours.push(await secondsOf(preview));
      values.drift.push(await secondsOf(() => clone.ok(["npm", "run", "--silent", "drift", "--", clone.stack])));
      await preview(hook);
      values.memory.push(Number(readFileSync(memory, "utf8")) / 1024);
    }
    const against = "an empty Pulumi program";
    const { reference } = values;
    return [
      { what: "preview --refresh, unchanged", ours: values.ours, against, reference, target: 1.15, unit: "s" },
      { what: "drift, unchanged", ours: values.drift, against, reference, target: 0.5, unit: "s" },
      {
        what: "the program's memory",
        ours: values.memory,
        against: "a limit",
        reference: [150],
        target: 1,
        unit: "MB",
      },
    ];
  } finally {
    await clone.purge();
    clone.remove();
    empty.remove();
  }
}

/** Writes the peak memory of the program, in KiB, when it exits. */
const memoryHook = (file: string): string =>
  `if (process.argv[1]?.includes("cmd/run")) process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));\n`;

/** A program as `pulumi new typescript` creates it, without resources. Runs with ts-node, the default. */
class EmptyProgram {
  readonly #folder = mkdtempSync(join(tmpdir(), "benchbox-empty-"));

  constructor() {
    const project = join(import.meta.dirname, "../..");
    mkdirSync(join(this.#folder, "state"));
    const files = {
      "Pulumi.yaml": "name: empty\nruntime: nodejs\n",
      "index.ts": 'import * as pulumi from "@pulumi/pulumi";\nexport const stack: string = pulumi.getStack();\n',
      "package.json": '{ "name": "empty", "main": "index.ts" }\n',
      "tsconfig.json":
        '{ "compilerOptions": { "strict": true, "module": "nodenext", "moduleResolution": "nodenext", "target": "es2020" } }\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#folder, name), text);
    execFileSync("ln", ["-s", join(project, "node_modules"), join(this.#folder, "node_modules")]);
    this.#pulumi("stack", "init", "empty");
    this.#pulumi("up", "--yes", "--stack", "empty");
  }

  preview(): void {
    this.#pulumi("preview", "--refresh", "--stack", "empty");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #pulumi(...words: string[]): void {
    const environment = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.#folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "for a benchmark",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TYPESCRIPT: "true", // the default, which a language host that set-up built lacks
    };
    execFileSync("pulumi", words, { cwd: this.#folder, env: environment, stdio: ["ignore", "ignore", "pipe"] });
  }
}
