import { run } from "node:test";
import { spec } from "node:test/reporters";

// `run-files.ts JOBS FILE...`: runs test files, this many at the same time. Starts them in this order, which `node --test` does not: a file
// that takes long and comes last would run alone.
const [jobs, ...files] = process.argv.slice(2);
run({ files, concurrency: Number(jobs), timeout: 1_500_000 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
