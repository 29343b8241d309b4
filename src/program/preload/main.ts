// `bin/pulumi` preloads this into the program to make previews fast and canceled runs quiet. The program works without it.
import "./cancelled-run.ts";
import "./lazy-modules.ts";
import "./observe-early.ts";
