/**
 * recover.ts STACK: makes good what a killed run left: things that were just being created on the engine and that the
 * state does not know. Prints what it did; exit code 1 when something is in the way that is not ours to remove.
 *
 * Only creations are looked at, since only they collide with the next run ("name is already in use"). Nothing of a
 * user's can be in them: a container is handed its keys after its creation is on record, and volumes are taken over.
 */
import { execFileSync } from "node:child_process";
import { docker } from "../../observe/docker.ts";

interface Operation {
  readonly type: string;
  readonly resource: { readonly urn: string; readonly type: string; readonly inputs?: { readonly name?: unknown } };
}

/** How to look for and remove what a creation may have left on the engine, by resource type. */
const leftovers: Readonly<Record<string, { look: string[]; remove: string[] }>> = {
  "docker:index/container:Container": { look: ["container", "inspect"], remove: ["rm", "--force"] },
  "docker:index/network:Network": { look: ["network", "inspect"], remove: ["network", "rm"] },
};

const stack = process.argv[2] ?? "";
const pulumi = (words: string[], input?: string): string =>
  execFileSync("pulumi", [...words, "--stack", stack], { encoding: "utf8", input, maxBuffer: 256 << 20 });

const state = JSON.parse(pulumi(["stack", "export"]));
const operations: Operation[] = state.deployment.pending_operations ?? [];
const unfinished = operations.filter(({ type }) => type === "creating");

for (const { resource } of unfinished) {
  const name = resource.inputs?.name;
  const kind = leftovers[resource.type];
  if (kind === undefined || typeof name !== "string" || !(await docker([...kind.look, name])).ok) continue;
  const removed = await docker([...kind.remove, name]);
  if (!removed.ok) {
    console.error(
      `benchbox: a killed run left the ${kind.look[0]} ${name} behind, and it is in use: ${removed.stderr}`,
    );
    console.error(`benchbox: look at it (docker ${kind.look.join(" ")} ${name}), free it and run this again.`);
    process.exit(1);
  }
  console.error(`benchbox: an earlier run was killed while it made the ${kind.look[0]} ${name}; it is made anew`);
}

if (unfinished.length > 0) {
  state.deployment.pending_operations = operations.filter((one) => !unfinished.includes(one));
  pulumi(["stack", "import"], JSON.stringify(state));
}
