import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { isMet, type Row, ratioOf, tableOf } from "../bench/report.ts";
import { median } from "../bench/statistics.ts";

const row: Row = { what: "a build", ours: [3, 1, 2], against: "another", reference: [2, 2.5], target: 1, unit: "s" };

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), /no median of nothing/);
});

test("a row is met while the ratio of the medians is at most its target", () => {
  assert.equal(ratioOf(row), 2 / 2.25);
  assert.ok(isMet(row));
  assert.ok(!isMet({ ...row, target: 0.8 }));
  const { target: _, ...free } = row;
  assert.ok(isMet(free));
});

test("the table shows both medians, the ratio and whether the target is met", () => {
  const table = stripVTControlCharacters(tableOf([row, { ...row, what: "its size", unit: "MB", target: 0.5 }]));
  assert.equal(
    table,
    [
      "measured  median  against  median  ratio  target",
      "a build   2.00 s  another  2.25 s  0.89   <= 1    met",
      "its size  2.0 MB  another  2.3 MB  0.89   <= 0.5  missed",
    ].join("\n"),
  );
});
