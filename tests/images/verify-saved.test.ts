import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { makeFinder } from "../../src/resources/verify/finder.ts";
import { needlesOf } from "../../src/resources/verify/needles.ts";
import { readSaved } from "../../src/resources/verify/saved-image.ts";
import { searchLayers } from "../../src/resources/verify/search-layers.ts";
import { ImageCheckError } from "../../src/resources/verify/source.ts";
import { containerdStore, engineLacks } from "../support/engines.ts";
import { type SecondEngine, startSecondEngine } from "../support/second-engine.ts";
import { baseImage, PlantedImages, proxy, verifyImage } from "./verify-planted.ts";

const { http_proxy, place } = proxy;

describe("a hand-made archive of docker save", () => {
  const folder = mkdtempSync(join(tmpdir(), "benchbox-saved-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string): string => join(folder, name);

  const layer = (name: string, text: string): Buffer => {
    mkdirSync(file(`content-${name}/opt`), { recursive: true });
    writeFileSync(file(`content-${name}/opt/${name}`), text);
    return execFileSync("tar", ["--create", "--file=-", `--directory=${file(`content-${name}`)}`, "."]);
  };

  /** Creates an archive of the OCI layout with these blobs as layers. */
  const archive = (layers: readonly Buffer[]): string => {
    const root = file(`saved-${layers.length}-${Math.random()}`);
    mkdirSync(join(root, "blobs/sha256"), { recursive: true });
    const blob = (bytes: Buffer | string): string => {
      const path = `blobs/sha256/${createHash("sha256").update(bytes).digest("hex")}`;
      writeFileSync(join(root, path), bytes);
      return path;
    };
    const manifest = [{ Config: blob('{"config":{}}'), Layers: layers.map(blob) }];
    writeFileSync(join(root, "manifest.json"), JSON.stringify(manifest));
    execFileSync("tar", ["--create", `--file=${root}.tar`, `--directory=${root}`, "."]);
    return `${root}.tar`;
  };

  const findings = async (path: string): Promise<string[]> => {
    const source = { way: "", read: (reading: Parameters<typeof readSaved>[1]) => readSaved(["cat", path], reading) };
    const { contents, layers } = await searchLayers(source, makeFinder(needlesOf({ http_proxy })), () => false);
    const findings = [...layers.values()].flatMap(({ findings }) => findings);
    return findings.map(({ layer, path, what }) => `${contents.layers.indexOf(layer)} ${path}: ${what}`).sort();
  };

  test("layers are read uncompressed, with gzip and with zstd", async () => {
    const path = archive([
      layer("plain", place),
      gzipSync(layer("zipped", place)),
      zstdCompressSync(layer("zstd", place)),
      gzipSync(layer("fine", "nothing")),
    ]);
    assert.deepEqual(await findings(path), [
      "0 opt/plain: host and port of http_proxy",
      "1 opt/zipped: host and port of http_proxy",
      "2 opt/zstd: host and port of http_proxy",
    ]);
  });

  test("in the older layout, a repeated layer is a link", async () => {
    const root = file("older");
    mkdirSync(join(root, "one"), { recursive: true });
    mkdirSync(join(root, "two"));
    writeFileSync(join(root, "one/layer.tar"), layer("twice", place));
    symlinkSync("../one/layer.tar", join(root, "two/layer.tar"));
    writeFileSync(join(root, "config.json"), "{}");
    writeFileSync(join(root, "manifest.json"), '[{"Config":"config.json","Layers":["one/layer.tar","two/layer.tar"]}]');
    execFileSync("tar", ["--create", `--file=${root}.tar`, `--directory=${root}`, "."]);
    assert.deepEqual(await findings(`${root}.tar`), ["0 opt/twice: host and port of http_proxy"]);
  });

  test("a truncated, damaged or invalid archive is always an error", async () => {
    const whole = archive([gzipSync(layer("cut", "nothing")), layer("other", "x".repeat(100_000))]);
    for (const bytes of [3000, 20_000, 90_000]) {
      truncateSync(whole, bytes);
      await assert.rejects(findings(whole), ImageCheckError);
    }
    const damaged = gzipSync(layer("damaged", "nothing"));
    damaged.fill(0, 40, 80);
    await assert.rejects(findings(archive([damaged])), ImageCheckError);
    writeFileSync(file("none.tar"), "this is no archive".repeat(100));
    await assert.rejects(findings(file("none.tar")), ImageCheckError);
    await assert.rejects(findings(file("absent.tar")), /No such file/);
  });

  test("a missing layer is reported", async () => {
    const root = file("incomplete");
    mkdirSync(root);
    writeFileSync(join(root, "config.json"), "{}");
    writeFileSync(join(root, "manifest.json"), '[{"Config":"config.json","Layers":["one/layer.tar"]}]');
    execFileSync("tar", ["--create", `--file=${root}.tar`, `--directory=${root}`, "."]);
    await assert.rejects(findings(`${root}.tar`), /no layer one\/layer\.tar/);
  });
});

describe("another Docker Engine", { skip: engineLacks() }, () => {
  const images = new PlantedImages();
  let base = "";
  let leaky = "";
  before(() => {
    base = baseImage();
    leaky = images.build(base, ["LABEL a=b", "COPY plain /opt/plain"], { plain: `call ${place} now` });
  });
  after(() => images.remove());

  for (const inContainerd of containerdStore.isSupported ? [false, true] : [false]) {
    test(`its ${inContainerd ? "containerd" : "overlay2"} store is searched with docker save`, async () => {
      const engine: SecondEngine = await startSecondEngine({ containerdStore: inContainerd });
      try {
        const carry = 'docker image save "$1" "$2" | docker --host "$3" image load';
        execFileSync("bash", ["-euo", "pipefail", "-c", carry, "carry", base, leaky, engine.host], { stdio: "pipe" });
        const there = { DOCKER_HOST: engine.host, http_proxy };
        const found = verifyImage([leaky, "--new-since", base], there);
        assert.equal(found.code, 1, found.output);
        assert.match(
          found.output,
          /layer 2 \([\da-f]{12}\), created by .*:\n {4}\/opt\/plain: host and port of http_proxy\n/,
        );
        assert.match(found.output, /1 layer \(1 file, 0 MB\) in .* from docker save \(slow\)/);
        const clean = verifyImage([base], there);
        assert.equal(clean.code, 0, clean.output);
        assert.match(clean.output, /1 layer \(\d{4} files, 1\d\d MB\)/);
      } finally {
        await engine.stop();
      }
    });
  }
});
