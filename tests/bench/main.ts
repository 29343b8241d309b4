import { firstRunRows } from "./first-run.ts";
import { fleetRows } from "./fleet.ts";
import { imageRows } from "./image.ts";
import { previewRows } from "./preview.ts";
import { isMet, type Row, tableOf } from "./report.ts";

/** The groups of measurements. Each takes the number of repetitions and a function that shows its progress. */
const groups: Readonly<Record<string, (times: number, showProgress: (what: string) => void) => Promise<Row[]>>> = {
  image: imageRows,
  "first-run": firstRunRows,
  preview: previewRows,
  fleet: fleetRows,
};

const [times = "5", ...names] = process.argv.slice(2);
const unknown = names.filter((name) => !(name in groups));
if (unknown.length > 0 || !/^[1-9]$/.test(times)) {
  console.error(`usage: npm run bench [-- --times=1..9] [GROUP...]; the groups are: ${Object.keys(groups).join(", ")}`);
  process.exit(2);
}

const rows: Row[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (names.length === 0 || names.includes(name)) {
    rows.push(...(await measure(Number(times), (what) => console.error(`benchbox: ${name}: ${what} ...`))));
  }
}
console.log(tableOf(rows));
process.exitCode = rows.every(isMet) ? 0 : 1;
