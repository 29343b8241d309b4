import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const plugins = join(import.meta.dirname, "../../plugins");
const programs = ["cli", "language-nodejs", "docker", "command"] as const;
type Program = (typeof programs)[number];

/** The modules of which a program has a version of its own. */
const exceptions: Partial<Record<Program, string>> = {
  // The last version with the language host in it.
  "language-nodejs": "github.com/pulumi/pulumi/sdk/v3",
  // The bridge's schema generator, which a Go test uses, does not compile with a newer one.
  docker: "github.com/pulumi/pulumi/pkg/v3",
};

// Set-up builds the programs one after the other with one cache. Go compiles a package again for another program if the package, or one
// that it imports, has another version there, or other flags.
test("what two of the built programs need is compiled once, since both have the same version of it", () => {
  const versions = new Map<string, Map<string, Program[]>>();
  for (const program of programs) {
    for (const line of compiledModules(program)) {
      const [module = "", version = ""] = line.split(" ");
      if (module === exceptions[program]) continue;
      const users = versions.get(module) ?? versions.set(module, new Map()).get(module);
      users?.set(version, [...(users.get(version) ?? []), program]);
    }
  }
  const different = [...versions].filter(([, users]) => users.size > 1);
  assert.deepEqual(Object.fromEntries(different.map(([module, users]) => [module, Object.fromEntries(users)])), {});
  assert.ok(versions.has("google.golang.org/grpc"), "no list of modules was read");
});

test("what two of the built programs need is compiled once, since both have the same flags", () => {
  const flags = programs.map((program) => /go build (.*-gcflags=std=\S+)/.exec(buildOf(program))?.[1]);
  assert.ok(flags[0]);
  assert.deepEqual(flags, Array(programs.length).fill(flags[0]));
});

test("nothing is compiled for clouds that the program cannot reach: Kubernetes, and Google's gRPC routing", () => {
  assert.ok(!compiledPackages("docker").some((name) => name.startsWith("k8s.io/client-go/discovery")));
  assert.ok(!compiledPackages("cli").some((name) => name.startsWith("github.com/envoyproxy/")));
});

const buildOf = (program: Program): string => readFileSync(join(plugins, program, "build"), "utf8");

/** `PATH VERSION` of each module that a program's build compiles something of. */
function compiledModules(program: Program): Set<string> {
  return new Set(
    goList(program, "{{with .Module}}{{.Path}} {{.Version}}{{end}}").filter((line) => line.includes(" v")),
  );
}

const compiledPackages = (program: Program): string[] => goList(program, "{{.ImportPath}}");

/** Asks Go about every package that a program's `build` compiles: with its tags, for the package at its end. */
function goList(program: Program, format: string): string[] {
  const build = buildOf(program);
  const tags = /-tags (\S+)/.exec(build)?.[1] ?? "";
  const main = /-o "\$output\S*" (\S+)/.exec(build)?.[1] ?? "";
  const output = execFileSync("go", ["list", "-mod=readonly", "-tags", tags, "-deps", "-f", format, main], {
    cwd: join(plugins, program),
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return output.split("\n").filter(Boolean);
}
