import assert from "node:assert/strict";
import { test } from "node:test";
import { baseIdentity, type InspectedImage } from "../../src/model/base-identity.ts";
import { compareImageId, imageIdProblem } from "../../src/model/image-id.ts";

const config = `sha256:${"c".repeat(64)}`;
const manifest = `sha256:${"3".repeat(64)}`;
const index = `sha256:${"1".repeat(64)}`;
const overlay2 = { Id: config, RepoDigests: [`host/a@${index}`] };
const containerd = { Id: index, RepoDigests: [`host/a@${index}`] };

test("an id matches in short or full form, with or without the algorithm and the repository", () => {
  for (const wanted of [config, config.slice(7), config.slice(7, 19), config.slice(0, 30), `any/where@${config}`]) {
    assert.equal(compareImageId(wanted, overlay2), "match", wanted);
  }
});

test("a digest that the Docker Engine knows is a match, and any other is unknown", () => {
  const known = [config, manifest, index].map((one) => [
    compareImageId(one, overlay2),
    compareImageId(one, containerd),
  ]);
  assert.deepEqual(known, [
    ["match", "unknown"],
    ["unknown", "unknown"],
    ["match", "match"],
  ]);
  assert.equal(compareImageId("0123456789ab", { Id: config, RepoDigests: null }), "unknown");
});

test("with all digests, an id is a match or a mismatch", () => {
  const all = [index, manifest, config];
  for (const image of [overlay2, containerd]) {
    for (const one of all) assert.equal(compareImageId(one, image, all), "match");
    assert.equal(compareImageId("0123456789ab", image, all), "mismatch");
  }
});

test("an invalid id is reported with the rule", () => {
  assert.equal(imageIdProblem("468c101db63b"), undefined);
  assert.equal(imageIdProblem(`host:5000/a/b@${index}`), undefined);
  for (const wrong of ["", "468c101db63", "468C101DB63B", "a/b:1", `${config}0`])
    assert.match(imageIdProblem(wrong) ?? "", /12 to 64/);
});

test("an image has one identity in all stores, and another one when a layer or a setting differs", () => {
  const image: InspectedImage = {
    ...overlay2,
    Os: "linux",
    Architecture: "amd64",
    RootFS: { Layers: [manifest] },
    Config: {
      Env: ["A=1"],
      Cmd: null,
      Entrypoint: [],
      Labels: { a: "1", b: "2" },
      Hostname: "",
      Image: "x",
      Volumes: { "/v": {} },
    },
  };
  const elsewhere = {
    ...image,
    ...containerd,
    Config: { Volumes: { "/v": {} }, Labels: { b: "2", a: "1" }, Env: ["A=1"] },
  };
  assert.equal(baseIdentity(elsewhere), baseIdentity(image));
  const others = [
    { ...image, RootFS: { Layers: [index] } },
    { ...image, Architecture: "arm64" },
    { ...image, Config: { ...image.Config, Env: ["A=2"] } },
    { ...image, Config: { ...image.Config, Labels: { a: "1" } } },
    { ...image, Config: { ...image.Config, WorkingDir: "/w" } },
  ];
  assert.equal(new Set([image, ...others].map(baseIdentity)).size, 6);
});
