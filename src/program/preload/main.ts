// Preloaded into the program by `bin/pulumi`: what makes a preview fast and a cancelled run quiet. The program works without it.
import "./cancelled-run.ts";
import "./lazy-modules.ts";
import "./observe-early.ts";
