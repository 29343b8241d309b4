// `bin/pulumi`: the Pulumi CLI of this project, as people type it.

import { runCommand } from "../process/run-command.ts";
import { pulumi } from "./pulumi.ts";

runCommand(() => pulumi(process.argv.slice(2)));
