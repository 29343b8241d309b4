import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { changedLines } from "../../src/state/changed-lines.ts";

/** What is left of pieces of output, as they arrive. */
const leftOf = (...pieces: readonly string[]): Promise<string> => text(Readable.from(changedLines(piecesOf(pieces))));

async function* piecesOf(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

const unchanged = [
  "    docker:index:Volume benchbox-dev-soft  ",
  " ~  docker:index:Container benchbox-dev-container refreshing ",
  "    command:local:Command benchbox-dev-network refresh",
  "    pulumi:pulumi:Stack benchbox-dev running ",
].map((line) => `${line}\n`);
const changed = [
  " +  docker:index:Volume benchbox-dev-data create ",
  " ~  docker:index:Container benchbox-dev-container update [diff: ~memory]",
  "Resources:",
  "    36 unchanged",
  "",
].map((line) => `${line}\n`);

test("lines of resources that do not change are left out, and all others stay", async () => {
  assert.equal(await leftOf(...unchanged, ...changed), changed.join(""));
});

test("wherever the output is cut", async () => {
  const output = [...unchanged, ...changed, ...unchanged].join("");
  assert.equal(await leftOf(...output), changed.join(""));
});

test("a line is printed as soon as it is complete", async () => {
  const lines = changedLines(piecesOf(["Resour", "ces:\nmore"]));
  assert.equal((await lines.next()).value, "Resources:\n");
  assert.equal((await lines.next()).value, "more");
});
