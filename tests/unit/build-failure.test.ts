import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, tellFailure } from "../../src/plan/build-failure.ts";

const begun = `#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#4 [stage-1 1/8] FROM docker.io/benchbox/base:trixie
#4 CACHED

#5 [stage-1 2/8] RUN --mount=type=tmpfs,target=/run/network     /run/build/with-network /run/build/install-packages curl
#5 0.081 network: direct
#5 0.420 Unpacking curl ...
`;
const failed = `${begun}#5 1.2 benchbox: no package for: such-a-thing
#5 ERROR: executor failed running [/bin/sh -c ...]: exit code: 1
------
 > [stage-1 2/8] RUN --mount=type=tmpfs,target=/run/network     /run/build/with-network
------
`;
const done = `${begun}#5 DONE 2.0s

#6 exporting to image
#6 exporting layers 0.1s done
#6 naming to docker.io/library/benchbox-x:1 done
#6 DONE 0.1s
`;
const step = "2/8: RUN /run/build/with-network /run/build/install-packages curl";

test("an image that was made is no failure, whatever failed after it", () => {
  assert.equal(failureOf(done), undefined);
});

test("a step that failed is named, without its mounts", () => {
  assert.deepEqual(failureOf(failed), { step, isToldOf: true, cause: undefined });
});

test("a log that misses its last lines names the step that was under way", () => {
  assert.deepEqual(failureOf(begun), { step, isToldOf: false, cause: undefined });
  assert.deepEqual(failureOf(`${begun}#5 CANCELED\n`), { step, isToldOf: false, cause: undefined });
  const other = "#6 [files 1/4] COPY a b\n#6 ...\n\n#5 [stage-1 2/8] RUN again\n#5 0.5 more\n";
  assert.equal(failureOf(begun + other)?.step, step, "another step that waits is not it");
});

test("a build without a single step failed before it", () => {
  assert.deepEqual(failureOf("#0 building with x\n"), { step: undefined, isToldOf: false, cause: undefined });
  assert.match(
    tellFailure({ step: undefined, isToldOf: false, cause: undefined }, "", "log")[0] ?? "",
    /before its first/,
  );
});

test("what is told has the step, the log's path and its last lines", () => {
  const long = `${"#5 0.1 line\n".repeat(100)}#5 0.2 the last\n`;
  const told = tellFailure({ step, isToldOf: true, cause: undefined }, long, ".state/build/x/log").join("\n");
  assert.match(told, /the image's build failed in step 2\/8: RUN .*curl\n/);
  assert.match(told, /all of it: \.state\/build\/x\/log/);
  assert.match(told, /the last$/);
  assert.ok(told.split("\n").length < 50);
  assert.doesNotMatch(told, /run this again/);
});

test("a step that went with another build, or has no reason, goes through when it is run again, and that is said", () => {
  const shared = failureOf(`${begun}#5 ERROR: no active sessions\n`) ?? assert.fail("no failure");
  assert.equal(shared.cause, "shared-work");
  assert.match(tellFailure(shared, "", "log").join("\n"), /because another build .* run this again, it goes through/s);
  const cut = failureOf(begun) ?? assert.fail("no failure");
  assert.match(
    tellFailure(cut, begun, "log").join("\n"),
    /ends without a reason: the Docker Engine was ended.* Run this again/s,
  );
});

test("a disk that was full is named before the step, with what makes room", () => {
  const full = failed.replace("no package for: such-a-thing", "Write error - write (28: No space left on device)");
  const failure = failureOf(full);
  assert.ok(failure);
  const told = tellFailure(failure, full, "log").join("\n");
  assert.match(
    told,
    /^benchbox: the engine's disk is full: the image's build failed in step 2\/8: .*\n.*docker system df/,
  );
});
