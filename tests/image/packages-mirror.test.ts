import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { FakeArchive } from "./fake-archive.ts";
import { ensureBase, FreshBase } from "./fresh-base.ts";

let undo = (): void => {};
before(() => {
  undo = ensureBase("trixie");
});
after(() => undo());

const secret = (mirror: string): string => `mkdir -p /run/secrets; echo '${mirror}' >/run/secrets/apt_mirror; `;
const everything = "find /etc/apt -type f -exec stat -c '%n %a %Y' {} + -exec sha256sum {} + | sort";

/** A fake Debian mirror with real packages: it redirects to the archive that the base image uses. */
async function mirrorOfBase(t: TestContext, box: FreshBase): Promise<FakeArchive> {
  const source = /https?:\S+/.exec(await box.ok("cat /etc/apt/sources.list"))?.[0].replace(/\/$/, "");
  return await FakeArchive.start(t, (path) =>
    path.startsWith("/debian/") ? { redirect: `${source}${path.slice("/debian".length)}` } : undefined,
  );
}

/** Turns the box into a fake Ubuntu 24.04 with its sources, one of NVIDIA's and one of a third party for Ubuntu. */
const ubuntu = `printf 'ID=ubuntu\\nNAME=Ubuntu\\nVERSION_CODENAME=noble\\n' >/etc/os-release
rm -f /etc/apt/sources.list
cat >/etc/apt/sources.list.d/ubuntu.sources <<'EOF'
# Ubuntu's own
Types: deb
URIs: http://archive.ubuntu.com/ubuntu/
Suites: noble noble-updates
 noble-backports
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Types: deb
URIs: http://security.ubuntu.com/ubuntu/
Suites: noble-security
Components: main
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Types: deb
URIs: https://apt.example/ubuntu
Suites: noble
Components: main
Signed-By: /usr/share/keyrings/example.gpg
EOF
cat >/etc/apt/sources.list.d/cuda.list <<'EOF'
deb [signed-by=/usr/share/keyrings/cuda-archive-keyring.gpg] https://developer.example/repos/ubuntu2404/x86_64/ /
deb [arch=amd64] http://ports.ubuntu.com/ubuntu-ports noble main
EOF
`;

test("a mirror for the build is used, and all files are restored, even after a failure", async (t) => {
  const box = new FreshBase(t, "trixie");
  const archive = await mirrorOfBase(t, box);
  const before = await box.ok(everything);
  const output = await box.ok(`${secret(`${archive.address}/debian`)} install-packages less`);
  assert.match(
    output,
    new RegExp(`^benchbox: packages of debian come from the mirror ${archive.address}/debian$`, "m"),
  );
  assert.ok(archive.requests.some((path) => /^\/debian\/pool\/.*less_.*\.deb$/.test(path)));
  assert.equal(await box.ok(everything), before);
  assert.equal((await box.run("install-packages no-such")).code, 1);
  assert.equal(await box.ok(everything), before);
  assert.equal(await box.ok("ls -A /run | grep -v -E '^(build|lock|mount|secrets)$' || true"), "");
});

test("a mirror can be set permanently, and setting it again changes nothing", async (t) => {
  const box = new FreshBase(t, "trixie");
  const { address } = await mirrorOfBase(t, box);
  await box.ok(`apt-sources keep ${address}/debian`);
  const kept = await box.ok("cat /etc/apt/sources.list");
  assert.equal(kept, `deb ${address}/debian trixie main\n`);
  await box.ok(`apt-sources keep ${address}/debian; ${secret(`${address}/debian`)} install-packages less`);
  assert.equal(await box.ok("cat /etc/apt/sources.list"), kept);
});

test("Debian's security archive is switched to the mirror if the mirror has it; otherwise a warning is printed", async (t) => {
  const box = new FreshBase(t, "trixie");
  let hasSecurity = false;
  const archive = await FakeArchive.start(t, (path) =>
    path.startsWith("/debian/") || (hasSecurity && path.startsWith("/debian-security/")) ? "fake" : undefined,
  );
  const sources = `Types: deb deb-src
URIs: http://own.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Types: deb
URIs: http://own.example/debian-security
Suites: trixie-security
Components: main
`;
  await box.ok(`rm /etc/apt/sources.list; cat >/etc/apt/sources.list.d/debian.sources <<'EOF'\n${sources}EOF`);
  const output = await box.ok(`apt-sources keep ${archive.address}/debian`);
  assert.match(
    output,
    /warning: the mirror \S+ has no trixie-security at \S+\/debian-security; its source was not changed/,
  );
  const half = sources.replace("http://own.example/debian\n", `${archive.address}/debian\n`);
  assert.equal(await box.ok("cat /etc/apt/sources.list.d/debian.sources"), half);
  hasSecurity = true;
  await box.ok(`apt-sources keep ${archive.address}/debian`);
  const whole = half.replace("http://own.example/debian-security", `${archive.address}/debian-security`);
  assert.equal(await box.ok("cat /etc/apt/sources.list.d/debian.sources"), whole);
});

test("Ubuntu's own sources are switched in both file formats, third-party sources are not", async (t) => {
  const box = new FreshBase(t, "trixie");
  const { address } = await FakeArchive.start(t, (path) =>
    path.startsWith("/ubuntu/dists/noble") ? "fake" : undefined,
  );
  await box.ok(ubuntu);
  const before = await box.ok("cat /etc/apt/sources.list.d/*");
  const files = await box.ok(everything);
  await box.ok(`apt-sources use ${address}/ubuntu`);
  const own = /http:\/\/(archive|security|ports)\.ubuntu\.com\/ubuntu(-ports)?\/?/g;
  assert.equal(await box.ok("cat /etc/apt/sources.list.d/*"), before.replaceAll(own, `${address}/ubuntu`));
  await box.ok("apt-sources restore");
  assert.equal(await box.ok(everything), files);
});

for (const [name, mirror, wanted] of [
  [
    "an unknown name",
    "tsinghua",
    /unknown mirror 'tsinghua'\n {2}Fix: set build\.apt\.mirror in user_config\.yml to one of tuna, aliyun, ustc, 163, cn/,
  ],
  ["a mirror with credentials", "http://me:word@mirror.example/debian", /contains credentials/],
] as const) {
  test(`${name}: a clear error`, async (t) => {
    const { code, output } = await new FreshBase(t, "trixie").run(`${secret(mirror)} install-packages less`);
    assert.equal(code, 1);
    assert.match(output, wanted);
    assert.doesNotMatch(output, /me:word/);
  });
}

for (const name of ["tuna", "aliyun", "ustc", "163", "cn"]) {
  test(`${name}, if unreachable, is an error within seconds that names the mirror and the option`, async (t) => {
    const box = new FreshBase(t, "trixie", "none");
    const started = Date.now();
    const { code, output } = await box.run(`${secret(name)} install-packages less`);
    assert.equal(code, 1);
    assert.match(output, new RegExp(`the mirror ${name} has no debian trixie at https://mirrors\\.\\S+/debian: .+`));
    assert.match(output, /Fix: set build\.apt\.mirror in user_config\.yml to another mirror/);
    assert.ok(Date.now() - started < 20_000);
  });
}

test("a mirror that accepts connections and never answers is an error within seconds", async (t) => {
  const box = new FreshBase(t, "trixie");
  const { createServer } = await import("node:net");
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  t.after(() => silent.close());
  const { port } = silent.address() as { port: number };
  const started = Date.now();
  const { code, output } = await box.run(
    `${secret(`http://127.0.0.1:${port}/debian`)} timeout 60 install-packages less`,
  );
  assert.equal(code, 1);
  assert.match(output, /the mirror http:\/\/127\.0\.0\.1:\d+\/debian has no debian trixie at/);
  assert.ok(Date.now() - started < 20_000, `took ${Date.now() - started} ms`);
});
