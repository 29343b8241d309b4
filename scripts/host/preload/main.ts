// Preloaded into the program by `scripts/host/pulumi`: what makes a preview fast and a cancelled run quiet. The program works without it.
import "./cancelled-run.ts";
import "./lazy-modules.ts";
import "./early-look.ts";
