import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FakeArchive } from "./fake-archive.ts";
import { ensureBase, FreshBase, suites } from "./fresh-base.ts";

const undo: (() => void)[] = [];
before(() => undo.push(...suites.map(ensureBase)));
after(() => undo.forEach((remove) => void remove()));

/** The packages that the requirements list, and those that cv2 needs to show windows. */
const required = [
  ..."nano micro mc tmux curl wget git unzip libsm6 libxext6 libxrender1 x11-apps xauth".split(" "),
  "libgl1-mesa-glx|libgl1+libglx-mesa0",
  "libglib2.0-0|libglib2.0-0t64",
  ..."libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0".split(" "),
  ..."libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libxkbcommon-x11-0".split(" "),
  ..."libdbus-1-3 libfontconfig1 libegl1 openssh-server sudo python3 dbus".split(" "),
  "libgtk-3-0|libgtk-3-0t64",
];
const taken = {
  trixie: ["libgl1 libglx-mesa0", "libglib2.0-0t64", "libgtk-3-0t64"],
  bookworm: ["libgl1-mesa-glx", "libglib2.0-0", "libgtk-3-0"],
};
/** Paths that must not be in an image. apt's caches are mounts in a build. */
const unwanted = new RegExp(
  [
    "^/(tmp|var/tmp|root)/.+",
    "^/var/log/.*(log|\\.xz)$",
    "^/var/cache/(ldconfig|debconf/.*-old)",
    "^/var/lib/dpkg/.*-old$",
    "ssh_host_",
    "policy-rc",
    "^/var/lib/dbus/machine-id",
  ].join("|"),
);
/** A folder that the base image has. */
const expected = "/var/cache/ldconfig";

for (const suite of suites) {
  test(`${suite} has every required package, and their installation leaves nothing else behind`, async (t) => {
    const box = new FreshBase(t, suite);
    const output = await box.ok(`install-packages ${required.map((entry) => `'${entry}'`).join(" ")}`);
    const choices = [...output.matchAll(/^benchbox: \S*\|\S*: (.*)$/gm)].map((match) => match[1]);
    assert.deepEqual(choices, taken[suite]);
    assert.deepEqual(
      box.changes().filter((path) => unwanted.test(path) && path !== expected),
      [],
    );
    assert.equal(await box.ok("find /run /tmp /var/log -xdev -type f -size +0 ! -path '/run/build/*'"), "");
    assert.equal(await box.ok("cat /etc/machine-id"), "");
    await box.ok("list-packages");
    const rows = (await box.ok("cat /usr/local/share/benchbox/packages.tsv")).trim().split("\n");
    assert.equal(rows.shift(), "name\tversion\tarchitecture");
    assert.deepEqual(rows, rows.toSorted());
    assert.ok(rows.some((row) => /^xauth\t1:[\d.-]+\S*\tamd64$/.test(row)));
    assert.ok(rows.some((row) => /^\/usr\/bin\/python3\.1\d\t3\.1\d\.\d+\tamd64$/.test(row)));
  });
}

test("all entries that cannot be satisfied are reported at once, and nothing is installed", async (t) => {
  const box = new FreshBase(t, "trixie");
  const { code, output } = await box.run(
    "install-packages nano 'foo|no-bar' 'libgl1+no-such' only-this mail-transport-agent",
  );
  assert.equal(code, 1);
  assert.match(output, /no package for: foo\|no-bar: this distribution \(Debian trixie\) has none of foo, no-bar$/m);
  assert.match(output, /no package for: libgl1\+no-such: .* has no no-such$/m);
  assert.match(output, /no package for: only-this: .* has no only-this$/m);
  assert.match(output, /no package for: mail-transport-agent: /);
  assert.doesNotMatch(output, /for: nano|Unpacking/);
});

test("a plus may belong to a name or join two, and a name that one package provides is enough", async (t) => {
  const box = new FreshBase(t, "trixie");
  const output = await box.ok("install-packages 'no-such|libstdc++6+less' libglib2.0-0");
  assert.match(output, /^benchbox: no-such\|libstdc\+\+6\+less: libstdc\+\+6 less$/m);
  await box.ok("dpkg --status libglib2.0-0t64 less");
});

test("an invalid entry is rejected", async (t) => {
  const { code, output } = await new FreshBase(t, "trixie").run("install-packages 'nano; reboot'");
  assert.equal(code, 1);
  assert.match(output, /invalid package entry `nano; reboot`: write NAME/);
});

test("without entries it does nothing", async (t) => {
  const box = new FreshBase(t, "trixie", "none");
  assert.equal(await box.ok("install-packages"), "");
});

test("the package lists are downloaded again only if they are old or the sources changed", async (t) => {
  const box = new FreshBase(t, "trixie");
  const gets = async (): Promise<boolean> => /^(Get|Hit):.*InRelease/m.test(await box.ok("install-packages less"));
  assert.equal(await gets(), true);
  assert.equal(await gets(), false);
  await box.ok("touch -d '61 minutes ago' /var/lib/apt/lists/benchbox-sources");
  assert.equal(await gets(), true);
  await box.ok("echo '# another line' >>/etc/apt/sources.list");
  assert.equal(await gets(), true);
  await box.ok("rm -rf /var/lib/apt/lists/*");
  assert.equal(await gets(), true);
});

test("if the archive no longer has a listed package, the lists are downloaded again", async (t) => {
  const box = new FreshBase(t, "trixie");
  let version = "1";
  const packages: Record<string, Buffer> = {};
  const sums: Record<string, string> = {};
  for (const number of ["1", "2"]) {
    const control = `Package: fake\\nVersion: ${number}\\nArchitecture: all\\nMaintainer: t\\nDescription: t\\n`;
    await box.ok(`mkdir -p /d/DEBIAN; printf '${control}' >/d/DEBIAN/control; dpkg-deb --build /d /d.deb`);
    packages[number] = Buffer.from(await box.ok("base64 -w 0 /d.deb"), "base64");
    sums[number] = (await box.ok("sha256sum /d.deb")).split(" ")[0] ?? "";
  }
  const archive = await FakeArchive.start(t, (requested) => {
    const path = requested.replace("/./", "/");
    const now = packages[version];
    if (path === `/fake_${version}.deb`) return now;
    if (path !== "/Packages") return undefined;
    return `Package: fake\nVersion: ${version}\nArchitecture: all\nFilename: fake_${version}.deb\nSize: ${now?.length}\nSHA256: ${sums[version]}\n`;
  });
  await box.ok(`echo 'deb [trusted=yes] ${archive.address} ./' >/etc/apt/sources.list`);
  await box.run("install-packages this-gets-the-lists");
  version = "2";
  const output = await box.ok("install-packages fake");
  assert.match(output, /404/);
  assert.match(output, /the package lists were out of date; downloading them again/);
  assert.match(await box.ok("dpkg-query --show fake"), /\t2$/m);
});

test("an unreachable source is an error, not a missing package", async (t) => {
  const { code, output } = await new FreshBase(t, "trixie", "none").run("install-packages less");
  assert.equal(code, 1);
  assert.match(output, /cannot download the package lists; see apt's output above/);
});

test("unreachable or unsigned third-party sources are skipped with a warning, unless the stack requires them", async (t) => {
  const box = new FreshBase(t, "trixie");
  const { address } = await FakeArchive.start(t, (path) =>
    /\/(In)?Release$/.test(path) ? "Origin: others\nSuite: stable\n" : path.endsWith("/Packages") ? "" : undefined,
  );
  await box.ok(`cd /etc/apt/sources.list.d
    echo 'deb http://127.0.0.1:1/repo stable main' >dead.list
    printf 'Types: deb\nURIs: ${address}/unsigned\nSuites: stable\nComponents: main\n' >unsigned.sources`);
  const before = await box.ok("find /etc/apt -type f -exec sha256sum {} + | sort");
  const output = await box.ok("install-packages less && dpkg --status less >/dev/null");
  assert.match(output, /warning: packages from 127\.0\.0\.1:1 are not available: .*Skipped \S*dead\.list /);
  assert.match(output, /warning: packages from 127\.0\.0\.1:\d+ are not available: .*Skipped \S*unsigned\.sources /);
  assert.equal(await box.ok("find /etc/apt -type f -exec sha256sum {} + | sort"), before);
  await box.ok("rm /var/lib/apt/lists/benchbox-sources");
  const insisted = await box.run("install-packages mc", { REQUIRE_APT_SOURCES: "yes" });
  assert.equal(insisted.code, 1);
  assert.match(insisted.output, /cannot download the package lists/);
});
