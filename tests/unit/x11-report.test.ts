import assert from "node:assert/strict";
import { test } from "node:test";
import { reportWindows } from "../../src/cli/commands/x11-test.ts";

const refused = "X11 forwarding request failed on channel 0";

test("windows that opened work", () => {
  const { isOk, lines } = reportWindows("dev", "display\t:1\nopened\txclock\nopened\tcv2.imshow with python3\n", "");
  assert.equal(isOk, true);
  assert.deepEqual(lines, ["xclock: works", "cv2.imshow with python3: works", "works"]);
});

test("a missing library is reported with its package, and nothing works then", () => {
  const { isOk, lines } = reportWindows("dev", "display\t:1\nopened\txclock\nmissing\tlibGL.so.1\tlibgl1\n", "");
  assert.equal(isOk, false);
  assert.deepEqual(lines.slice(1), [
    'libGL.so.1 is missing in the box\n    Fix: add "libgl1" to build.packages in user_config.yml, then: npm run up -- dev',
  ]);
});

test("a box without OpenCV, in which a clock opened, works", () => {
  const { isOk, lines } = reportWindows("dev", "opened\txclock\nnone\tcv2\n", "");
  assert.equal(isOk, true);
  assert.match(lines.join("\n"), /no Python with OpenCV[^\n]*npm run x11-test -- dev \/path[^\n]*\nworks$/);
});

test("a display that is refused is told apart from one that is not there", () => {
  const asked = reportWindows("dev", "no-display\tthe session has no display\n", refused);
  assert.match(asked.lines.join(), /the box's SSH server refused X11 forwarding .*; the session has no display$/);
  const plain = reportWindows("dev", "no-display\tthe session has no display\n", "");
  assert.deepEqual(plain.lines, ["no display: the session has no display"]);
  assert.equal(asked.isOk || plain.isOk, false);
});

test("no answer is no success", () => {
  assert.deepEqual(reportWindows("dev", "", ""), { isOk: false, lines: ["the box did not answer"] });
});
