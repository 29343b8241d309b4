// `bin/pulumi`: the project's Pulumi CLI for the user's command line.

import { runCommand } from "../process/run-command.ts";
import { pulumi } from "./pulumi.ts";

runCommand(() => pulumi(process.argv.slice(2)));
