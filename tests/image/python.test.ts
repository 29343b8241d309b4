import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { FakeArchive } from "./fake-archive.ts";
import { ensureBase, FreshBase, suites } from "./fresh-base.ts";
import { downloadPython } from "./python-archive.ts";

const undo: (() => void)[] = [];
before(() => undo.push(...suites.map(ensureBase)));
after(() => undo.forEach((remove) => void remove()));

const works = "python3 -m venv /v && /v/bin/python -c 'import ssl, sqlite3, ctypes; print(1)' && pip --version";
const left = "find /tmp /root/.cache /root/.local /opt/python/.[a-z]* -mindepth 1 2>/dev/null";
/** Makes downloads of Python fail: nothing listens at this address. */
const noMirror = { UV_PYTHON_INSTALL_MIRROR: "http://127.0.0.1:9" };

test("bookworm's own Python 3.11 is used", async (t) => {
  const box = new FreshBase(t, "bookworm");
  assert.match(await box.ok("install-python"), /^benchbox: Python 3\.11: from the distribution$/m);
  assert.match(await box.ok(works), /^1\npip .*\(python 3\.11\)$/m);
  assert.match(await box.ok("python3.11 --version"), /^Python 3\.11\.\d+$/m);
  assert.equal((await box.run(left)).output, "");
});

test("if the distribution has neither version and no download works, its newest is used with a warning, within seconds", async (t) => {
  const box = new FreshBase(t, "trixie");
  await box.ok("install-packages python3 python3-pip python3-venv");
  const started = Date.now();
  const output = await box.ok("install-python", noMirror);
  assert.ok(Date.now() - started < 40_000);
  assert.match(
    output,
    /warning: uv could not download Python 3\.12; .* To use another source, set UV_PYTHON_INSTALL_MIRROR/,
  );
  assert.match(
    output,
    /warning: the distribution has none of Python 3\.12 3\.11, and uv could not install 3\.12; the box has Python 3\.13$/m,
  );
  assert.match(await box.ok(works), /^1\npip .*\(python 3\.13\)$/m);
  assert.equal(
    (await box.run(`${left}; ls -d /opt/python; ls /usr/local/bin`)).output,
    "ls: cannot access '/opt/python': No such file or directory\n",
  );
});

const go = spawnSync("go", ["version"]).status === 0;
test("if it can be downloaded, uv's Python comes first in PATH", {
  skip: !go && "needs Go, for a real Python",
}, async (t) => {
  const box = new FreshBase(t, "trixie");
  const release = "https://github.com/astral-sh/python-build-standalone/releases/download";
  const python = await downloadPython(`${release}/20241219/python.tar.gz`, new FreshBase(t, "bookworm"));
  const mirror = await FakeArchive.start(t, (path) =>
    path === "/downloads.json" ? python.downloads : path === "/20241219/python.tar.gz" ? python.archive : undefined,
  );
  const output = await box.ok("install-python 3.11", {
    UV_PYTHON_INSTALL_MIRROR: mirror.address,
    UV_PYTHON_DOWNLOADS_JSON_URL: `${mirror.address}/downloads.json`,
  });
  assert.match(output, /^benchbox: Python 3\.11: installed by uv in \/opt\/python$/m);
  assert.match(await box.ok(works), /^1\npip \S+ from \/opt\/python\/.*\(python 3\.11\)$/m);
  assert.match(await box.ok("python3 --version; python3.11 --version"), /^Python 3\.11\.11\nPython 3\.11\.11\n$/);
  assert.match(await box.ok("/usr/bin/python3 --version"), /^Python 3\.13\./);
  assert.equal((await box.run(left)).output, "");
  const asUser = "runuser -u nobody -- python3 -c 'print(2)'";
  assert.equal(await box.ok(asUser), "2\n");
  await box.ok("list-packages");
  const rows = await box.ok("grep ^/ /usr/local/share/benchbox/packages.tsv");
  assert.match(
    rows,
    /^\/opt\/python\/cpython-3\.11\.11-\S+\/bin\/python3\.11\t3\.11\.11\tamd64\n\/usr\/bin\/python3\.13\t/,
  );
  // A second run succeeds.
  await box.ok("install-python 3.11", {
    UV_PYTHON_INSTALL_MIRROR: mirror.address,
    UV_PYTHON_DOWNLOADS_JSON_URL: `${mirror.address}/downloads.json`,
  });
});
