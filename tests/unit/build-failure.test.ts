import assert from "node:assert/strict";
import { test } from "node:test";
import { findBuildFailure, formatBuildFailure } from "../../src/plan/build-failure.ts";

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

test("a log with a finished image has no failure, whatever failed after it", () => {
  assert.equal(findBuildFailure(done), undefined);
});

test("the report names the failed step, without its mounts", () => {
  assert.deepEqual(findBuildFailure(failed), { step, isLogged: true, cause: undefined });
});

test("for a truncated log the report names the step that was running", () => {
  assert.deepEqual(findBuildFailure(begun), { step, isLogged: false, cause: undefined });
  assert.deepEqual(findBuildFailure(`${begun}#5 CANCELED\n`), { step, isLogged: false, cause: undefined });
  const other = "#6 [files 1/4] COPY a b\n#6 ...\n\n#5 [stage-1 2/8] RUN again\n#5 0.5 more\n";
  assert.equal(findBuildFailure(begun + other)?.step, step, "not the step that waits");
});

test("a build without a step failed before its first one", () => {
  assert.deepEqual(findBuildFailure("#0 building with x\n"), { step: undefined, isLogged: false, cause: undefined });
  assert.match(
    formatBuildFailure({ step: undefined, isLogged: false, cause: undefined }, "", "log")[0] ?? "",
    /before its first/,
  );
});

test("the report has the step, the log's path and its last lines", () => {
  const long = `${"#5 0.1 line\n".repeat(100)}#5 0.2 the last\n`;
  const report = formatBuildFailure({ step, isLogged: true, cause: undefined }, long, ".state/build/x/log").join("\n");
  assert.match(report, /the image build failed in step 2\/8: RUN .*curl\n/);
  assert.match(report, /full log: \.state\/build\/x\/log/);
  assert.match(report, /the last$/);
  assert.ok(report.split("\n").length < 50);
  assert.doesNotMatch(report, /run this again/);
});

test("a step canceled with another build, or without a reason, is reported with the advice to run again", () => {
  const shared = findBuildFailure(`${begun}#5 ERROR: no active sessions\n`) ?? assert.fail("no failure");
  assert.equal(shared.cause, "shared-work");
  assert.match(formatBuildFailure(shared, "", "log").join("\n"), /because another build .*\n {2}Fix: run this again/s);
  const cut = findBuildFailure(begun) ?? assert.fail("no failure");
  assert.match(
    formatBuildFailure(cut, begun, "log").join("\n"),
    /ends without a reason: the Docker Engine stopped.*Fix: .* run this again/s,
  );
});

test("a full disk is reported before the step, with what frees space", () => {
  const full = failed.replace("no package for: such-a-thing", "Write error - write (28: No space left on device)");
  const failure = findBuildFailure(full);
  assert.ok(failure);
  assert.match(
    formatBuildFailure(failure, full, "log").join("\n"),
    /^benchbox: the Docker Engine's disk is full: the image build failed in step 2\/8: .*\n.*docker system df/,
  );
});
