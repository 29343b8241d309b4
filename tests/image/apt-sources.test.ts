import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ensureBase, FreshBase, suites } from "./fresh-base.ts";

const undo: (() => void)[] = [];
before(() => undo.push(...suites.map(ensureBase)));
after(() => undo.forEach((remove) => void remove()));

/** Creates a signed archive with one package in /srv/archive, its key, and another key. */
const archive = `set -euo pipefail
export GNUPGHOME=$(mktemp -d)
for name in lab other; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$name" ed25519 sign never
  gpg --armor --export "$name" >/srv/$name.asc
done
gpg --export lab >/srv/lab.gpg
mkdir -p /tmp/package/DEBIAN /srv/archive/dists/x/main/binary-amd64
printf 'Package: bb-hello\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@localhost>\\nDescription: x\\n' >/tmp/package/DEBIAN/control
dpkg-deb --build /tmp/package /srv/archive/bb-hello.deb >/dev/null
cd /srv/archive
{
  cat /tmp/package/DEBIAN/control
  printf 'Filename: bb-hello.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s bb-hello.deb)" "$(sha256sum bb-hello.deb | cut -d ' ' -f 1)"
} >dists/x/main/binary-amd64/Packages
cp dists/x/main/binary-amd64/Packages Packages
release() {
  printf 'Suite: x\\nCodename: x\\nArchitectures: amd64\\nComponents: main\\nDate: %s\\nSHA256:\\n' "$(date -u -R)"
  printf ' %s %s %s\\n' "$(sha256sum Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" "$1"
}
release main/binary-amd64/Packages | gpg --batch --local-user lab --clearsign >dists/x/InRelease
release Packages | gpg --batch --local-user lab --clearsign >InRelease
gpgconf --kill all
`;

for (const suite of suites) {
  test(`${suite}: a third-party source is used with its key as text or binary, and refused with another one`, async (t) => {
    const box = new FreshBase(t, suite);
    await box.ok("install-packages gpg gpg-agent");
    await box.ok(archive);
    const use = (name: string, key: string, suites: string): string =>
      `rm -f /etc/apt/sources.list.d/benchbox-*; ` +
      `add-apt-sources "lab ${name} $(base64 -w 0 /srv/${key}) file:///srv/archive ${suites} main" && install-packages bb-hello`;
    for (const [extension, key, suites] of [
      ["asc", "lab.asc", "x"],
      ["gpg", "lab.gpg", "./"],
    ] as const) {
      await box.ok(use(extension, key, suites));
      assert.equal(
        await box.ok("dpkg-query --show bb-hello; apt-get purge -y -q bb-hello >/dev/null"),
        "bb-hello\t1\n",
      );
      assert.equal(await box.ok("stat -c %a /etc/apt/sources.list.d/benchbox-lab.sources"), "644\n");
    }
    const { code, output } = await box.run(use("asc", "other.asc", "x"));
    assert.notEqual(code, 0);
    assert.match(output, /NO_PUBKEY|Missing key|is not signed|couldn't be verified/i);
    assert.match(output, /no package for: bb-hello/);
  });
}

test("{codename} is the distribution's", async (t) => {
  const box = new FreshBase(t, "trixie", "none");
  await box.ok("add-apt-sources 'lab asc eA== https://apt.example/x {codename},{codename}-extra main,extra'");
  assert.equal(
    await box.ok("cat /etc/apt/sources.list.d/benchbox-lab.sources; cat /etc/apt/keyrings/benchbox-lab.asc"),
    "Types: deb\nURIs: https://apt.example/x\nSuites: trixie trixie-extra\nComponents: main extra\n" +
      "Signed-By: /etc/apt/keyrings/benchbox-lab.asc\nx",
  );
});
