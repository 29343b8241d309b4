import assert from "node:assert/strict";
import { test } from "node:test";
import { asWild, displayNumber } from "../../src/resources/share-display.ts";

test("a display of this host has a number, and one that ssh -X forwards has none", () => {
  assert.equal(displayNumber(":0"), "0");
  assert.equal(displayNumber("unix:12.0"), "12");
  for (const other of ["", "localhost:10.0", "10.0.0.1:0", ":0; true"]) assert.equal(displayNumber(other), undefined);
});

test("each cookie is passed on for its display under any name of the host", () => {
  const entries = "0100 0004 686f7374 0001 30 0012 4d49 0010 aa\n0000 0004 7f000001 0001 30 0012 4d49 0010 bb\n";
  assert.equal(
    asWild(entries),
    "ffff 0004 686f7374 0001 30 0012 4d49 0010 aa\nffff 0004 7f000001 0001 30 0012 4d49 0010 bb\n",
  );
});
