#!/usr/bin/env node
import { text } from "node:stream/consumers";
import { outcomesOf } from "../model/step-marker.ts";
import { UserError } from "../model/user-error.ts";
import { observeBox } from "../observe/box.ts";
import { docker, inspect } from "../observe/docker.ts";
import { runCommand } from "../process/run-command.ts";

// write-fingerprint.ts NAME USERS CONTAINER WHY: writes the fingerprint into the box NAME: the facts on standard input (JSON), and the
// installed tools of USERS (separated by commas). CONTAINER is the container's id. WHY is not read: a different value makes Pulumi run this
// again.

const file = "/etc/benchbox/fingerprint.json";

runCommand(async () => {
  const [name = "", users = "", container = ""] = process.argv.slice(2);
  const { image, ...facts } = JSON.parse(await text(process.stdin)) as { image: object };
  // The image that the container was created from: the image's name may belong to a newer build by now.
  const [{ steps }, [created]] = await Promise.all([
    observeBox(name, users.split(",")),
    inspect<{ readonly Image: string }>("container", [container]),
  ]);
  if (created === undefined)
    throw new UserError(`inspecting the container ${container} failed: the Docker Engine did not return it`);
  const tools = outcomesOf([...steps].sort(([a], [b]) => a.localeCompare(b)));
  const content = `${JSON.stringify({ image: { ...image, id: created.Image }, ...facts, tools }, undefined, 2)}\n`;
  // `install` creates the folder, and a file with root as its owner and the right mode from the start.
  const words = ["install", "-D", "--mode=0644", "--owner=root", "--group=root", "/dev/stdin", file];
  const { ok, stderr } = await docker(["exec", "--interactive", "--user", "root", container, ...words], {
    stdin: content,
  });
  if (!ok) throw new UserError(`writing ${file} in the box ${name} failed: ${stderr}`);
  return 0;
});
