import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { type Row, ratioOf, tableOf, verdictOf } from "../bench/report.ts";
import { median, ratioRange } from "../bench/statistics.ts";

const row: Row = { what: "a build", ours: [3, 1, 2], against: "another", reference: [2, 2.5], target: 1, unit: "s" };

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([9, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), /no median of nothing/);
});

test("a row is met or missed when its spread leaves no doubt, and unclear otherwise", () => {
  assert.equal(ratioOf(row), 2 / 2.25);
  assert.equal(verdictOf({ ...row, target: 2 }), "met");
  assert.equal(verdictOf({ ...row, target: 0.3 }), "missed");
  assert.equal(verdictOf(row), "unclear");
  const { target: _, ...free } = row;
  assert.equal(verdictOf(free), "met");
});

test("the range of a ratio is the same in every run, and contains it", () => {
  const [low, high] = ratioRange([3, 1, 2, 2, 2], [2, 2.5]);
  assert.deepEqual(ratioRange([3, 1, 2, 2, 2], [2, 2.5]), [low, high]);
  assert.ok(low < 2 / 2.25 && 2 / 2.25 < high, `${low} ${high}`);
});

test("the table shows medians with their spread, the ratio with its range, and whether the target is met", () => {
  const size: Row = { what: "its size", ours: [2, 2], against: "a limit", reference: [4], target: 0.4, unit: "MB" };
  const table = stripVTControlCharacters(tableOf([{ ...row, target: 2 }, size]));
  assert.equal(
    table,
    [
      "measured  median              against  median              ratio  90 %       target",
      "a build   2.00 s (1.00-3.00)  another  2.25 s (2.00-2.50)  0.89   0.40-1.50  <= 2    met",
      "its size  2.0 MB (2.0-2.0)    a limit  4.0 MB              0.50   0.50-0.50  <= 0.4  missed",
    ].join("\n"),
  );
});
