import { text } from "node:stream/consumers";
import { outcomesOf } from "../model/step-marker.ts";
import { observeBox } from "../observe/box.ts";
import { docker } from "../observe/docker.ts";

// The second half of `src/resources/write-fingerprint`, which says what it does.

const file = "/etc/benchbox/fingerprint.json";

async function main(name: string, users: string, container: string): Promise<void> {
  const { image, ...facts } = JSON.parse(await text(process.stdin)) as { image: object };
  const [{ steps }, id] = await Promise.all([observeBox(name, users.split(",")), imageOf(container)]);
  const tools = outcomesOf([...steps].sort(([a], [b]) => a.localeCompare(b)));
  const content = `${JSON.stringify({ image: { ...image, id }, ...facts, tools }, undefined, 2)}\n`;
  // `install` makes the folder, and a file of root's that its reader never finds half-written with other rights.
  const words = ["install", "-D", "--mode=0644", "--owner=root", "--group=root", "/dev/stdin", file];
  const { ok, stderr } = await docker(["exec", "--interactive", "--user", "root", container, ...words], {
    stdin: content,
  });
  if (!ok) throw new Error(`${file} could not be written in the box ${name}: ${stderr}`);
}

/** Of the image that the container was made of: one that was built again since has another. */
async function imageOf(container: string): Promise<string> {
  const { ok, stdout, stderr } = await docker(["container", "inspect", "--format", "{{.Image}}", container]);
  if (!ok) throw new Error(`the container ${container} cannot be looked at: ${stderr}`);
  return stdout.trim();
}

const [name = "", users = "", container = ""] = process.argv.slice(2);
main(name, users, container).catch((error: unknown) => {
  console.error(`benchbox: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
});
