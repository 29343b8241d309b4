// `bin/pulumi` preloads this into the program to make previews fast and canceled runs quiet. The program works without it.
import "./lazy-modules.ts";

const [, started = ""] = process.argv;

// Child processes of the program inherit the preload.
if (started.endsWith("/@pulumi/pulumi/cmd/run/index.js")) {
  await import("./cancelled-run.ts");
  await import("./observe-early.ts");
}
