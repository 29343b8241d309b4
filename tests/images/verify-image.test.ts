import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isBrief } from "../support/engines.ts";
import { baseImage, PlantedImages, proxy, verifyImage } from "./verify-planted.ts";

const { http_proxy, place, password } = proxy;
const images = new PlantedImages();
let base = "";
before(() => {
  base = baseImage();
});
after(() => images.remove());

const ways = { "the Docker Engine's own files": {}, "docker save": { BENCHBOX_VERIFY_SLOWLY: "1" } };
/** Fifty lines that contain `place`, compressed by xz. */
const inXz =
  "/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Ab+AIFdADGYSe43hXz7y5DCclpf4GyEH7qw2WiXBbOnvg2kq7Np7d7KQIhpMEzUGZOuJvTmIAiWP7gNHnr74pGzeA7gpajkylVcbJNfe32uECuctaJuOGk0hl9YtnA26TfOB+fAtmuuV3ou10JVlbuFUf8xtdRa2famOX4g4jRmQOPq/gjyAAAAAACpkiuZAAGZAf8NAABEL4ESPjANiwIAAAAAAVla";
const secret = [place, password, "s3cr%2Bt-pass"];

describe("files and settings with a planted proxy", () => {
  let leaky = "";
  const shifted = [0, 1, 2].map((bytes) => Buffer.from(`${"x".repeat(bytes)}${place}!`).toString("base64"));
  const manual = `an example: ${place}\n`;
  const md5 = execFileSync("md5sum", { input: manual, encoding: "utf8" }).slice(0, 32);

  before(() => {
    const files: Record<string, string | Buffer> = {
      "opt/plain": `call ${place} now`,
      "opt/credentials": `the password is ${password}\n`,
      "opt/encoded": encodeURIComponent(http_proxy),
      "opt/large": Buffer.concat([Buffer.alloc(3_000_001, "a"), Buffer.from(place), Buffer.alloc(3_000_000, "b")]),
      "opt/manual.gz": gzipSync(`see ${http_proxy}`),
      "opt/by-its-bytes": gzipSync(`see ${http_proxy}`),
      "opt/large.gz": gzipSync(Buffer.concat([randomBytes(5_000_000), Buffer.from(place)])),
      "opt/archive.zst": zstdCompressSync(Buffer.from(place.repeat(100))),
      "opt/archive.xz": Buffer.from(inXz, "base64"),
      "opt/cut-off.gz": gzipSync(place.repeat(1000)).subarray(0, 60),
      [`opt/named-${place}`]: "its name is enough",
      "etc/apt/apt.conf.d/99proxy": 'Acquire::http::Proxy "http://other.test:1";\n',
      "etc/profile.d/proxy.sh": "# none\nexport https_proxy=http://other.test:2\n",
      "usr/share/doc/manual": manual,
      "usr/share/doc/changed": `${manual}and more\n`,
      "usr/lib/python3/packaged.py": manual,
      "usr/lib/python3/__pycache__/packaged.cpython-313.pyc": `\0\0${place}`,
      "usr/lib/python3/__pycache__/other.cpython-313.pyc": `\0\0${place}`,
      "var/lib/dpkg/info/manual.md5sums": `${md5}  usr/share/doc/manual\n${md5}  usr/share/doc/changed\n${md5}  usr/lib/python3/packaged.py\n`,
    };
    for (const [at, text] of shifted.entries()) files[`opt/base64-${at}`] = `{"auth":"${text}"}`;
    leaky = images.build(
      base,
      [
        "COPY root/ /",
        `RUN echo http_proxy=http://other.test:3 >>/etc/environment; ln -s http://${place}/ /opt/link`,
        "COPY deleted /opt/deleted",
        "RUN rm /opt/deleted",
      ],
      {
        deleted: `in a lower layer: ${place}`,
        ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`root/${name}`, text])),
      },
    );
  });

  for (const [way, environment] of Object.entries(ways)) {
    let found: ReturnType<typeof verifyImage>;

    test(`all are found by ${way}, each with its layer, file and kind, and without its value`, () => {
      found = verifyImage([leaky, "--new-since", base], { http_proxy, ...environment });
      const { code, output } = found;
      assert.equal(code, 1, output);
      for (const line of [
        "/opt/plain: host and port of http_proxy",
        "/opt/credentials: password of http_proxy",
        "/opt/encoded: host and port of http_proxy, URL-encoded",
        "/opt/large: host and port of http_proxy",
        "/opt/manual.gz: host and port of http_proxy, in gzip",
        "/opt/by-its-bytes: host and port of http_proxy, in gzip",
        "/opt/large.gz: host and port of http_proxy, in gzip",
        "/opt/archive.zst: host and port of http_proxy, in zstd",
        "/opt/archive.xz: host and port of http_proxy, in xz",
        "/opt/named-***: host and port of http_proxy in its name",
        "/opt/link: host and port of http_proxy in its link target",
        "/opt/base64-0: host and port of http_proxy, base64",
        "/opt/base64-1: host and port of http_proxy, base64",
        "/opt/base64-2: host and port of http_proxy, base64",
        "/etc/apt/apt.conf.d/99proxy: sets Acquire::http::Proxy (line 1)",
        "/etc/profile.d/proxy.sh: sets https_proxy (line 2)",
        "/etc/environment: sets http_proxy (line 1)",
        "/opt/deleted: host and port of http_proxy",
        "/usr/share/doc/changed: host and port of http_proxy",
        "/usr/lib/python3/__pycache__/other.cpython-313.pyc: host and port of http_proxy",
      ]) {
        assert.ok(output.includes(`    ${line}\n`), `${line}\n${output}`);
      }
      assert.match(output, /layer 2 \([\da-f]{12}\), created by `\/bin\/sh -c #\(nop\) COPY dir:/);
      assert.match(output, /history line 3, created by .*\*\*\*.*: host and port of http_proxy/);
      for (const value of [...secret, "other.test"]) assert.ok(!output.includes(value), `${value}\n${output}`);
      assert.match(
        output,
        /4 layers \(\d+ files, 11 MB\) .* from (the Docker Engine's layer folders|containerd's content store|docker save)/,
      );
    });

    test(`an unchanged file of a Debian package, or byte code compiled from it, is not a leak, by ${way}`, () => {
      const { output } = found;
      assert.doesNotMatch(output, /doc\/manual:|packaged/);
      assert.match(output, /not counted: 3 unchanged files of packages/);
    });
  }

  test("without a proxy in the environment, settings are still found, and the report states what was not searched for", () => {
    const { code, output } = verifyImage([leaky, "--new-since", base]);
    assert.equal(code, 1);
    assert.match(output, /\/etc\/environment: sets http_proxy \(line 1\)/);
    assert.match(output, /for proxy settings only: the environment has no proxy/);
    assert.ok(!output.includes("/opt/plain"), output);
    assert.ok(!output.includes("other.test"), output);
  });

  test("the layers of the base are skipped with --new-since, and searched without it", () => {
    const child = images.build(leaky, ["COPY fine /fine"], { fine: "nothing here" });
    const { code, stdout } = verifyImage([child, "--new-since", leaky], { http_proxy });
    assert.equal(code, 0);
    assert.match(stdout, /^\S+ is clean: searched config, 1 history line, 1 layer \(1 file, /);
    const slow = verifyImage([child, "--new-since", leaky], { http_proxy, BENCHBOX_VERIFY_SLOWLY: "1" });
    assert.equal(slow.code, 0, slow.output);
    assert.match(slow.stdout, /1 layer \(1 file, /);
    assert.equal(verifyImage([child], { http_proxy }).code, 1);
  });

  test("an image that is not built on the base is searched where it differs, and this is reported", () => {
    const { code, output } = verifyImage([base, "--new-since", leaky], { http_proxy });
    assert.equal(code, 0, output);
    assert.match(output, /is not built on/);
  });
});

describe("a config with a planted proxy", () => {
  const environment = { http_proxy, no_proxy: "localhost,.planted.corp" };
  const lines = [
    "ENV PEI_HTTP_PROXY_1=http://other.test:3128 PEI_HTTPS_PROXY_1=",
    `ENV UPSTREAM=${http_proxy}`,
    `LABEL made.by="${btoa(`x ${http_proxy}`)}"`,
    "LABEL direct=localhost,.planted.corp",
    'ENTRYPOINT ["sh", "-c", "http_proxy=http://other.test:1 run"]',
    `CMD ["curl", "-x", "${place}"]`,
    "ARG http_proxy",
    "RUN true",
  ];
  let output = "";

  test("is found by both ways, with the same places and without its values", () => {
    const image = images.build(base, lines, {}, ["--build-arg", `http_proxy=${http_proxy}`]);
    const fast = verifyImage([image, "--new-since", base], environment);
    const slow = verifyImage([image, "--new-since", base], { ...environment, BENCHBOX_VERIFY_SLOWLY: "1" });
    assert.deepEqual([fast.code, slow.code], [1, 1], fast.output + slow.output);
    const places = (output: string): string => output.replace(/^searched.*$/m, "");
    assert.equal(places(fast.output), places(slow.output));
    for (const value of secret) assert.ok(!fast.output.includes(value), fast.output);
    output = fast.output;
  });

  test("in the environment, as similar tools leave it", () => {
    assert.match(output, /config\.Env\[\d\]: sets PEI_HTTP_PROXY_1\n/);
    assert.match(output, /history line 2, created by .*PEI_HTTP_PROXY_1=\*\*\*.*: sets PEI_HTTP_PROXY_1\n/);
    assert.ok(!output.includes("sets PEI_HTTPS_PROXY_1"), output);
  });

  test("in the environment, under an unrelated name", () => {
    assert.match(output, /config\.Env\[\d\]: host and port of http_proxy/);
  });

  test("in a label, in base64", () => {
    assert.match(output, /config\.Labels\.made\.by: host and port of http_proxy, base64/);
    assert.match(output, /made\.by=\*\*\*`/);
  });

  test("in the command and the entrypoint", () => {
    assert.match(output, /config\.Cmd\[2\]: host and port/);
    assert.match(output, /config\.Entrypoint\[2\]: sets http_proxy/);
  });

  test("in a declared build argument, which appears only in the history", () => {
    assert.match(output, /history line 9, created by `\|1 http_proxy=\*\*\*.*: host and port of http_proxy/);
    assert.match(output, /history line 9, .*: sets http_proxy/);
  });

  test("a distinctive NO_PROXY", () => {
    assert.match(output, /config\.Labels\.direct: value of NO_PROXY/);
  });

  test("inherited from the base", () => {
    const parent = images.build(base, ["ENV HTTPS_PROXY=http://other.test:1"]);
    const child = images.build(parent, ["LABEL a=b"]);
    const { code, output } = verifyImage([child, "--new-since", parent]);
    assert.equal(code, 1);
    assert.match(output, /config\.Env\[\d\]: sets HTTPS_PROXY, inherited from the base image/);
    assert.doesNotMatch(output, /^ {2}history line/m);
  });
});

describe("an address on loopback, without a login", () => {
  const common = { http_proxy: "http://127.0.0.1:8080" };
  const example = "Listening on http://127.0.0.1:8080\n";
  const sha256 = createHash("sha256").update(example).digest("base64url");
  const python = "usr/local/lib/python3.12/site-packages";
  const record = [
    `web/log.py,sha256=${sha256},34`,
    `web/changed.py,sha256=${sha256},34`,
    "web/__pycache__/log.cpython-312.pyc,,",
  ];
  let image = "";
  before(() => {
    const files: Record<string, string> = {
      [`${python}/web/log.py`]: example,
      [`${python}/web/__pycache__/log.cpython-312.pyc`]: `\0${example}`,
      [`${python}/web/changed.py`]: `${example}# and more`,
      [`${python}/web-1.dist-info/RECORD`]: `${record.join("\n")}\n`,
      [`${python}/unlisted.py`]: example,
      "opt/app/node_modules/@scope/web/lib/server.js": example,
      "opt/app/node_modules/web/README.md": example,
      "opt/app/node_modules/web/build/config.gypi": '"https_proxy": "http://127.0.0.1:8080"',
      "opt/app/node_modules/web/.npmrc": example,
      "opt/app/node_modules/web/encoded.js": btoa(`user:x ${common.http_proxy}`),
      "opt/app/settings": example,
    };
    const context = Object.entries(files).map(([name, text]) => [`root/${name}`, text]);
    image = images.build(base, ["COPY root/ /"], Object.fromEntries(context));
  });

  for (const [way, environment] of Object.entries(ways)) {
    test(`is not a leak in a file of a Python or npm package, and is one everywhere else, by ${way}`, () => {
      const { code, output } = verifyImage([image, "--new-since", base], { ...common, ...environment });
      assert.equal(code, 1, output);
      const found = [...output.matchAll(/^ {4}\/(.*): host and port/gm)].map(([, path]) => path).sort();
      assert.deepEqual(found, [
        "opt/app/node_modules/web/.npmrc",
        "opt/app/node_modules/web/build/config.gypi",
        "opt/app/node_modules/web/encoded.js",
        "opt/app/settings",
        `${python}/unlisted.py`,
        `${python}/web/changed.py`,
      ]);
      assert.match(output, /not counted: 4 unchanged files of packages/);
    });
  }

  test("is a leak in every file if it has a login", () => {
    const environment = { http_proxy: "http://someone:of-mine-1@127.0.0.1:8080" };
    const { output } = verifyImage([image, "--new-since", base], environment);
    assert.match(output, /site-packages\/web\/log\.py: host and port/);
    assert.match(output, /node_modules\/web\/README\.md: host and port/);
  });
});

describe("the report", { skip: isBrief }, () => {
  test("lists a limited number of findings for config, history and each layer, and counts the rest", () => {
    const lines = Array.from({ length: 30 }, (_, at) => `ENV A${at}_PROXY=http://other.test:${at}`);
    const files = Array.from({ length: 60 }, (_, at) => [`root/many/${at}`, place]);
    const image = images.build(base, [...lines, "COPY root/ /", "COPY one /one"], {
      ...Object.fromEntries(files),
      one: place,
    });
    const { output } = verifyImage([image, "--new-since", base], { http_proxy });
    const count = (pattern: RegExp): number => [...output.matchAll(pattern)].length;
    assert.equal(count(/^ {2}(?:container_)?config\.Env/gm), 20);
    assert.match(output, /^ {2}and 10 more in its config$/m);
    assert.equal(count(/^ {2}history line/gm), 20);
    assert.match(output, /^ {2}and 10 more in its history$/m);
    assert.equal(count(/^ {4}\/many\/\d+: host/gm), 50);
    assert.match(output, /^ {4}and 10 more in this layer$/m);
    assert.match(output, /^ {4}\/one: host and port of http_proxy$/m);
  });
});

describe("the command", () => {
  test("a clean image: one line reports what was searched", () => {
    const image = images.build(base, ["ARG HTTP_PROXY", "COPY fine /fine", "RUN rm /fine"], {
      fine: "http://proxy.planted.test",
    });
    for (const environment of Object.values(ways)) {
      const { code, output } = verifyImage([image], { http_proxy, ...environment });
      assert.equal(code, 0, output);
      assert.match(
        output,
        /^\S+ is clean: searched config, 4 history lines, 3 layers \(\d+ files, \d+ MB\) in [\d.]+ s from .*, for 1 proxy of the environment and for proxy settings\n$/,
      );
    }
  });

  test("--remove-tag removes the tag if something was found, and only then", () => {
    const has = (image: string): boolean => execFileSync("docker", ["image", "ls", "--quiet", image]).length > 0;
    const clean = images.build(base, ["LABEL a=clean"]);
    assert.equal(verifyImage([clean, "--new-since", base, "--remove-tag"], { http_proxy }).code, 0);
    assert.ok(has(clean));
    const leaky = images.build(base, [`LABEL a=${place}`]);
    const { code, output } = verifyImage([leaky, "--new-since", base, "--remove-tag"], { http_proxy });
    assert.equal(code, 1);
    assert.match(output, new RegExp(`removed the tag ${leaky}`));
    assert.ok(!has(leaky));
  });

  test("--remove-tag does not remove an image that is given by its id", () => {
    const leaky = images.build(base, [`LABEL b=${place}`]);
    const id = execFileSync("docker", ["image", "inspect", "--format", "{{.Id}}", leaky], { encoding: "utf8" }).trim();
    const { code, output } = verifyImage([id, "--new-since", base, "--remove-tag"], { http_proxy });
    assert.equal(code, 1);
    assert.match(output, /removing the tag \S+ failed: .* is not a tag/);
  });

  const unchecked: [string, string[], Record<string, string>, RegExp][] = [
    ["a missing image", ["benchbox-planted:none"], {}, /has no image benchbox-planted:none/],
    ["a missing base", ["BASE", "--new-since", "benchbox-planted:none"], {}, /has no image benchbox-planted:none/],
    [
      "an unreachable Docker Engine",
      ["BASE"],
      { DOCKER_HOST: "unix:///nowhere.sock" },
      /the Docker Engine does not answer: .*nowhere/,
    ],
    ["no image given", [], {}, /usage: verify-image/],
    ["a misspelt option", ["BASE", "--removetag"], {}, /--removetag/],
  ];
  for (const [name, words, environment, message] of unchecked) {
    test(`${name}: exit code 2, and no report of a clean image`, () => {
      const { code, output } = verifyImage(
        words.map((word) => (word === "BASE" ? base : word)),
        environment,
      );
      assert.equal(code, 2, output);
      assert.match(output, message);
      assert.ok(!/ is clean/.test(output) && !/^ {4}at /m.test(output), output);
    });
  }
});
