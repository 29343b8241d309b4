import { parseArgs } from "node:util";
import { againstRows } from "./against.ts";
import { firstRunRows } from "./first-run.ts";
import { fleetRows } from "./fleet.ts";
import { imageRows } from "./image.ts";
import { previewRows } from "./preview.ts";
import { type Row, tableOf, verdictOf } from "./report.ts";

/** The groups of measurements. Each takes the number of repetitions and a function that shows its progress. */
const groups: Readonly<Record<string, (times: number, showProgress: (what: string) => void) => Promise<Row[]>>> = {
  image: imageRows,
  "first-run": firstRunRows,
  preview: previewRows,
  fleet: fleetRows,
};

const usage = `usage: npm run bench [-- --times=1..9] [--against REVISION | GROUP...]; the groups are: ${Object.keys(groups).join(", ")}`;

function fail(message: string): never {
  console.error(`benchbox: ${message}\n${usage}`);
  process.exit(2);
}

const { values, positionals: names } = parseArgs({
  options: { times: { type: "string", default: "5" }, against: { type: "string" } },
  allowPositionals: true,
});
const unknown = names.find((name) => !(name in groups));
if (unknown !== undefined) fail(`unknown group ${unknown}`);
if (!/^[1-9]$/.test(values.times)) fail("--times must be a number from 1 to 9");
if (values.against !== undefined && names.length > 0) fail("--against measures its own rows, so it takes no group");

const times = Number(values.times);
const rows: Row[] = [];
if (values.against !== undefined) {
  rows.push(...(await againstRows(values.against, times, (what) => console.error(`benchbox: ${what} ...`))));
} else {
  for (const [name, measure] of Object.entries(groups)) {
    if (names.length === 0 || names.includes(name))
      rows.push(...(await measure(times, (what) => console.error(`benchbox: ${name}: ${what} ...`))));
  }
}
console.log(tableOf(rows));
process.exitCode = rows.every((row) => verdictOf(row) === "met") ? 0 : 1;
