import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { publish, registryLogin, startRelay, startSilence } from "../support/registry.ts";
import type { PullBench } from "./pull-bench.ts";

/** Test cases that must pass on every Docker Engine and with every image store. */
export function pullCases(bench: () => PullBench): void {
  test("a dead and a silent mirror cost seconds, a slow one is used, and only the requested name remains", async (t) => {
    const { path } = await bench().publish(4);
    const silent = await stopped(t, startSilence());
    const slow = await stopped(t, startRelay(bench().registry, { bytesPerSecond: 1_000_000 }));
    const reference = `${bench().dead}/${path}`;
    const ran = await bench().pull([reference, "127.0.0.1:2", silent.host, slow.host]);
    assert.equal(ran.code, 0, ran.output);
    assert.match(ran.output, /127\.0\.0\.1:2\/.*: connection refused/);
    assert.match(ran.output, new RegExp(`${silent.host}/.*: did not answer within 2 seconds`));
    assert.match(
      ran.output,
      new RegExp(`${slow.host}: [\\d.]+ [kM]B of 4\\.2 MB \\(\\d+ %\\), 0 of 1 layers are in place, .*/s`),
    );
    assert.match(ran.stdout, /^[0-9a-f]{12}\n$/);
    assert.ok(ran.seconds > 4 && ran.seconds < 14, `${ran.seconds} s`);
    assert.deepEqual(bench().names(path), [reference]);
    // Some Docker Engines abort a pending connection only after their own timeout of 10 seconds.
    for (let tries = 0; tries < 120 && silent.open() > 0; tries++) await sleep(100);
    assert.equal(silent.open(), 0, "the Docker Engine still has a connection to the silent mirror");

    const again = await bench().pull([reference, silent.host]);
    assert.deepEqual([again.code, again.stdout], [0, ran.stdout], again.output);
    assert.match(again.output, /is already there/);
  });

  test("an image is identified by the digest of its config, manifest or index, short or full", async () => {
    const { path, ...digests } = await bench().publish();
    const reference = `${bench().dead}/${path}`;
    const wanted = Object.values(digests).flatMap((one) => [one, one.slice(7), one.slice(7, 19), `x/y@${one}`]);
    for (const id of wanted) {
      const ran = await bench().pull([reference, "--id", id, bench().registry]);
      assert.equal(ran.code, 0, `${id}: ${ran.output}`);
      assert.doesNotMatch(ran.output, /warning/);
    }
  });

  test("another id under the same tag: the next mirror is tried, and no name of the first image remains", async (t) => {
    const { path, config } = await bench().publish();
    const other = await bench().secondRegistry(t, {});
    const { config: wrong } = await publish(other, `other/${path.replace(":1", "")}`, "1", 1);
    const reference = `${bench().dead}/${path}`;
    const ran = await bench().pull([reference, "--id", config, `${other}/other`, bench().registry]);
    assert.equal(ran.code, 0, ran.output);
    assert.match(
      ran.output,
      new RegExp(`${other}/other/.*: has another image: its id is \\w{12}, wanted is ${config}`),
    );
    assert.deepEqual(bench().names(path), [reference]);
    assert.notEqual(wrong, config);
  });

  test("a wrong id everywhere is an error with both ids, and leaves no name", async () => {
    const { path } = await bench().publish();
    const ran = await bench().pull([`${bench().dead}/${path}`, "--id", "0123456789ab", bench().registry]);
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, "");
    assert.match(
      ran.output,
      /could not be pulled:\n {2}- .*has another image: its id is \w{12}, wanted is 0123456789ab\n/,
    );
    assert.match(ran.output, /- 127\.0\.0\.1:1\/.*connection refused.*\nWhat can be done: .*image\.mirrors/s);
    assert.doesNotMatch(ran.output, /^\s+at /m);
    assert.deepEqual(bench().names(path), []);
  });

  test("a wrong id can be a warning or ignored", async () => {
    const { path } = await bench().publish();
    const words = [`${bench().dead}/${path}`, "--id", "0123456789ab", bench().registry, "--on-mismatch"];
    const warned = await bench().pull([...words, "warn"]);
    assert.equal(warned.code, 0, warned.output);
    assert.match(warned.output, /warning: .*its id is \w{12}, wanted is 0123456789ab; used all the same/);
    const ignored = await bench().pull([...words, "ignore"]);
    assert.deepEqual([ignored.code, ignored.stdout], [0, warned.stdout]);
    assert.doesNotMatch(ignored.output, /warning/);
  });

  test("a tag that now names another image keeps its local image", async () => {
    const { path, config } = await bench().publish();
    const reference = `${bench().registry}/${path}`;
    assert.equal((await bench().pull([reference, "--id", config])).code, 0);
    const had = bench().docker("image", "inspect", "--format", "{{.Id}}", reference);
    await publish(bench().registry, path.replace(":1", ""), "1", 1);
    const ran = await bench().pull([reference, "--id", "0123456789ab"]);
    assert.equal(ran.code, 1, ran.output);
    assert.equal(bench().docker("image", "inspect", "--format", "{{.Id}}", reference), had);
    assert.deepEqual(bench().names(path), [reference]);
  });

  test("a mirror that cuts every connection in the middle of a layer is abandoned", async (t) => {
    const { path } = await bench().publish(4);
    const cutting = await stopped(t, startRelay(bench().registry, { cutAfter: 2 << 20 }));
    const ran = await bench().pull([`${bench().dead}/${path}`, cutting.host, bench().registry]);
    assert.equal(ran.code, 0, ran.output);
    assert.match(
      ran.output,
      new RegExp(`${cutting.host}/.*: (cut the connection in the middle|connection closed during the download)`),
    );
    assert.match(ran.output, new RegExp(`is there, from ${bench().registry}`));
  });

  // The Docker Engine may keep the connection until the mirror ends it; what matters is that its pull has ended, so that the next
  // pull gets the same layer.
  test("a mirror that stops in the middle of a layer is abandoned, and the next one serves that layer", async (t) => {
    const { path } = await bench().publish(4);
    const stalling = await stopped(t, startRelay(bench().registry, { stallAfter: 2 << 20 }));
    const ran = await bench().pull([`${bench().dead}/${path}`, stalling.host, bench().registry]);
    assert.equal(ran.code, 0, ran.output);
    assert.match(ran.output, new RegExp(`${stalling.host}/.*: sent nothing for 2 seconds, after .* of 4\\.2 MB`));
    assert.match(ran.output, new RegExp(`is there, from ${bench().registry}`));
    assert.ok(ran.seconds < 8, `${ran.seconds} s`);
  });

  test("a registry that requires a login: reports the fix, and uses the login that docker has stored", async (t) => {
    const { path } = await bench().publish();
    const host = await bench().secondRegistry(t, { asksForLogin: true });
    const reference = `${host}/${path}`;
    const without = await bench().pull([reference]);
    assert.equal(without.code, 1);
    assert.match(without.output, new RegExp(`login required: docker login ${host}\n`));

    const { user, password } = registryLogin;
    const wrong = clientFolder({ auths: { [host]: { auth: btoa(`${user}:not-this-one`) } } });
    const refused = await bench().pull([reference], { DOCKER_CONFIG: wrong });
    assert.equal(refused.code, 1);
    assert.match(refused.output, new RegExp(`docker's login was refused; renew it: docker login ${host}\n`));
    assert.ok(!refused.output.includes("not-this-one"));

    // A fake of a desktop's keychain, with the real protocol.
    const helper = `#!/bin/sh\nread -r host; echo '{"Username":"${user}","Secret":"${password}"}'\n`;
    const byHelper = clientFolder({ credHelpers: { [host]: "of-tests" } });
    writeFileSync(join(byHelper, "docker-credential-of-tests"), helper);
    chmodSync(join(byHelper, "docker-credential-of-tests"), 0o755);
    const helped = await bench().pull([reference], {
      DOCKER_CONFIG: byHelper,
      PATH: `${byHelper}:${process.env.PATH}`,
    });
    assert.equal(helped.code, 0, helped.output);

    const stored = clientFolder({ auths: { [host]: { auth: btoa(`${user}:${password}`) } } });
    const served = await bench().pull([`${bench().dead}/${path}`, host], { DOCKER_CONFIG: stored });
    assert.equal(served.code, 0, served.output);
    assert.ok(!served.output.includes(password));
  });

  test("a reference by digest is pulled from a mirror and gets a name of its own", async () => {
    const { path, index } = await bench().publish();
    const reference = `${bench().dead}/${path.replace(":1", "")}@${index}`;
    const ran = await bench().pull([reference, bench().registry, "--id", index]);
    assert.equal(ran.code, 0, ran.output);
    const name = reference.replace("@sha256:", ":sha256-");
    assert.deepEqual(bench().names(path.replace(":1", "")), [name]);
    const again = await bench().pull([reference]);
    assert.deepEqual([again.code, again.stdout], [0, ran.stdout], again.output);
  });

  test("a local image is used with a warning if no registry answers", async () => {
    const { path, manifest } = await bench().publish();
    const reference = `${bench().dead}/${path}`;
    assert.equal((await bench().pull([reference, bench().registry])).code, 0);
    const ran = await bench().pull([reference, "--id", manifest]);
    assert.equal(ran.code, 0, ran.output);
    assert.match(
      ran.output,
      /warning: no source of .* answers .* could not be told whether its id \(\w{12}\) and the wanted one/,
    );
  });

  test("missing images, hosts and platforms are reported in plain words", async () => {
    const nothing = await bench().pull([`${bench().registry}/team/nothing:1`]);
    assert.equal(nothing.code, 1);
    assert.match(nothing.output, /team\/nothing:1: image not found\n/);
    const unknown = await bench().pull(["registry.invalid/team/base:1"]);
    assert.match(unknown.output, /registry\.invalid\/team\/base:1: host name not known to the Docker Engine's DNS\n/);
    const { path } = await bench().publish();
    const platform = await bench().pull([`${bench().registry}/${path}`, "--platform", "linux/s390x"]);
    assert.match(platform.output, /image not available for linux\/s390x\n/);
  });

  /** Creates a folder for DOCKER_CONFIG. */
  function clientFolder(configuration: unknown): string {
    mkdirSync(join(bench().folder, "clients"), { recursive: true });
    const folder = mkdtempSync(join(bench().folder, "clients", "of-"));
    writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
    return folder;
  }
}

async function stopped<T extends { stop(): Promise<void> }>(t: TestContext, starting: Promise<T>): Promise<T> {
  const started = await starting;
  t.after(() => started.stop());
  return started;
}
