import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clone, freePort } from "../support/clone.ts";
import { programMemory } from "./memory.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

/** Measures previews of an unchanged box with every tool, compared with those of an empty Pulumi program. */
export async function previewRows(times: number, showProgress: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`benchview${process.pid}`, await freePort(), {}, "all");
  const empty = new EmptyProgram();
  try {
    showProgress("bringing up a box with every tool");
    await clone.up();
    const preview = () => clone.ok(["bin/pulumi", "preview", "--refresh", "--stack", clone.stack]);
    const run = (script: string) => clone.ok(["npm", "run", "--silent", script, "--", clone.stack]);
    const names = ["ours", "reference", "drift", "memory", "preview", "up"] as const;
    const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
      (typeof names)[number],
      number[]
    >;
    await preview();
    empty.preview();
    showProgress("running previews and drift checks");
    for (let time = 0; time < times; time++) {
      values.reference.push(await secondsOf(() => empty.preview()));
      values.ours.push(await secondsOf(preview));
      values.drift.push(await secondsOf(() => run("drift")));
      values.preview.push(await secondsOf(() => run("preview")));
      values.up.push(await secondsOf(() => run("up")));
      values.memory.push(await programMemory(clone));
    }
    const against = "an empty Pulumi program";
    const { reference } = values;
    return [
      { what: "preview --refresh, unchanged", ours: values.ours, against, reference, target: 1.15, unit: "s" },
      { what: "drift, unchanged", ours: values.drift, against, reference, target: 0.5, unit: "s" },
      {
        what: "up, unchanged",
        ours: values.up,
        against: "npm run preview",
        reference: values.preview,
        target: 1.3,
        unit: "s",
      },
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
