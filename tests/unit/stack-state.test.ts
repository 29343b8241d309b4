import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../src/model/user-error.ts";
import { hasUnfinishedCreation, knowsId, knowsResource, parseState, volumesOf } from "../../src/state/stack-state.ts";

const urn = (type: string, name: string): string => `urn:pulumi:dev::benchbox::benchbox:index:Box$${type}::${name}`;
const resource = (type: string, name: string, id = `id-${name}`) => ({ urn: urn(type, name), type, id });

const container = resource("docker:index/container:Container", "benchbox-dev-container");
const volumes = ["home-peid", "soft"].map((name) => resource("docker:index/volume:Volume", `benchbox-dev-${name}`));
const parts = {
  resources: [container, ...volumes, resource("docker:index/volume:Volume", "other-volume")],
  pending_operations: [{ type: "creating", resource: resource("command:local:Command", "benchbox-dev-network") }],
};
const checkpoint = JSON.stringify({ version: 3, checkpoint: { stack: "dev", latest: parts } });
const exported = JSON.stringify({ version: 3, deployment: parts });

test("the state is the same as the backend's file and as `pulumi stack export` prints it", () => {
  assert.deepEqual(parseState("x", checkpoint), parseState("x", exported));
});

test("a resource is known by its type and name", () => {
  const state = parseState("x", checkpoint);
  assert.ok(knowsResource(state, "Container", "benchbox-dev-container"));
  assert.ok(!knowsResource(state, "Container", "benchbox-dev"));
  assert.ok(!knowsResource(state, "Container", "dev-container"));
  assert.ok(!knowsResource(state, "Volume", "benchbox-dev-container"));
  assert.ok(knowsResource(state, "Volume", "benchbox-dev-soft"));
});

test("so is one whose creation is not finished, and whatever its type", () => {
  assert.ok(knowsResource(parseState("x", checkpoint), undefined, "benchbox-dev-network"));
});

test("a container is known by its id", () => {
  const state = parseState("x", exported);
  assert.ok(knowsId(state, "id-benchbox-dev-container"));
  assert.ok(!knowsId(state, "id"));
});

test("the volumes of a box are those of its name", () => {
  assert.deepEqual(volumesOf(parseState("x", exported), "benchbox-dev"), [
    "benchbox-dev-home-peid",
    "benchbox-dev-soft",
  ]);
});

test("a creation that is not finished is seen", () => {
  assert.ok(hasUnfinishedCreation(parseState("x", exported)));
  assert.ok(!hasUnfinishedCreation(parseState("x", JSON.stringify({ deployment: { resources: [container] } }))));
});

test("before the first `up` there is nothing", () => {
  for (const text of [undefined, '{"version":3,"checkpoint":{"stack":"dev"}}', '{"version":3,"deployment":null}'])
    assert.deepEqual(parseState("x", text), { resources: [], operations: [] });
});

test("a state that is not readable is reported with its place", () => {
  assert.throws(
    () => parseState("/a/dev.json", '{"version":'),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^the state in \/a\/dev\.json was not read: .*\n {2}Fix: /);
      return true;
    },
  );
});
