import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { containerdStore, engineLacks } from "../support/engines.ts";
import { type SecondEngine, startSecondEngine } from "../support/second-engine.ts";
import { PullBench } from "./pull-bench.ts";
import { pullCases } from "./pull-cases.ts";

const lacks = engineLacks() || (!containerdStore.isSupported && "this Docker Engine has only one image store");

describe(`with images in ${containerdStore.isDefault ? "overlay2's" : "containerd's"} store`, { skip: lacks }, () => {
  let engine: SecondEngine;
  let bench: PullBench;
  before(async () => {
    engine = await startSecondEngine({ containerdStore: !containerdStore.isDefault });
    bench = new PullBench(engine.host);
    await bench.start();
  });
  after(async () => {
    await bench?.stop();
    await engine?.stop();
  });

  pullCases(() => bench);

  test("the identity of an image does not depend on the image store, although its id does", async () => {
    const { path } = await bench.publish();
    const here = new PullBench(undefined);
    try {
      const words = [`${bench.dead}/${path}`, bench.registry];
      const ran = await bench.pull(words);
      const ranHere = await here.pull(words);
      assert.equal(ran.code, 0, ran.output);
      assert.equal(ranHere.stdout, ran.stdout, ranHere.output);
      const id = ["image", "inspect", "--format", "{{.Id}}", `${bench.dead}/${path}`];
      assert.notEqual(here.docker(...id), bench.docker(...id));
    } finally {
      await here.stop();
    }
  });
});
