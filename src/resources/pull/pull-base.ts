#!/usr/bin/env node
import { baseIdentity } from "../../model/base-identity.ts";
import { Engine } from "../../observe/engine-api.ts";
import { runCommand } from "../../process/run-command.ts";
import { provideBase } from "./base.ts";
import { readOptions } from "./options.ts";
import { readLimits } from "./time-limits.ts";

// pull-base.ts REFERENCE [--id ID] [--on-mismatch error|warn|ignore] [--platform OS/ARCHITECTURE] [--mirrors FILE] [MIRROR...]:
// pulls the base image of the boxes from the first mirror that has it, and names it REFERENCE, whichever mirror that was. Prints the
// image's identity (see src/model/base-identity.ts) to standard output, and progress to standard error.
//   --id            the image id or repo digest that the image must have
//   --on-mismatch   what to do when the image has a different id (default: error)
//   --mirrors FILE  more mirrors, one per line
//   BENCHBOX_PULL_ANSWER_SECONDS   how long a source may take to answer (default: 10)
//   BENCHBOX_PULL_STALL_SECONDS    how long a download may stall (default: 30)
//   BENCHBOX_PULL_REPORT_SECONDS   the interval between progress lines (default: 5)

if (import.meta.main) {
  runCommand(async () => {
    const options = readOptions(process.argv.slice(2));
    const say = (line: string): void => console.error(`benchbox: ${line}`);
    console.log(baseIdentity(await provideBase(new Engine(), options, readLimits(process.env), say)));
    return 0;
  });
}
