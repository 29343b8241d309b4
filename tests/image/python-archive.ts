import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { FreshBase } from "./fresh-base.ts";

/** A Go module that contains a real Python of python-build-standalone, for hosts that cannot reach its release site. */
const goModule = "github.com/kluctl/go-embed-python@v0.0.0-3.11.11-20241219-1";
/** The mode bit of a directory in Go's encoding. */
const goDirectory = 2 ** 31;

export interface PythonArchive {
  readonly archive: Buffer;
  /** uv's list of downloads, with this one only. */
  readonly downloads: string;
}

/** Prints an archive of bookworm's pip and ensurepip: the release has both, the Go module does not. */
const pip = `install-packages python3 python3-venv >/dev/null
mkdir /w
cp --recursive /usr/lib/python3.11/ensurepip /w
mkdir -p /w/ensurepip/_bundled
for name in setuptools pip; do
  cp /usr/share/python-wheels/$name-*.whl /w/ensurepip/_bundled
  version=$(ls /w/ensurepip/_bundled | sed -n "s/^$name-\\(.*\\)-py3-.*/\\1/p")
  sed -i "s/^_\${name^^}_VERSION = .*/_\${name^^}_VERSION = '$version'/" /w/ensurepip/__init__.py
done
python3 -m zipfile -e /usr/share/python-wheels/pip-*.whl /w/site-packages
tar --create --directory=/w . | base64 --wrap=0
rm -r /w`;

/** An archive with the layout of the release (`python/bin/python3.11`, ...), and uv's list of downloads with it at `address`. */
export async function downloadPython(address: string, box: FreshBase): Promise<PythonArchive> {
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-python-"));
  try {
    const environment = { ...process.env, GOFLAGS: "-mod=mod" };
    const answer = execFileSync("go", ["mod", "download", "-json", goModule], { cwd: scratch, env: environment });
    unpack(join(JSON.parse(answer.toString()).Dir, "python/internal/data/linux-amd64"), join(scratch, "python"));
    const library = join(scratch, "python/lib/python3.11");
    execFileSync("tar", ["--extract", `--directory=${library}`], { input: Buffer.from(await box.ok(pip), "base64") });
    execFileSync("tar", ["--create", "--gzip", "--file=archive", "python"], { cwd: scratch });
    const archive = readFileSync(join(scratch, "archive"));
    const entry = {
      name: "cpython",
      arch: { family: "x86_64", variant: null },
      os: "linux",
      libc: "gnu",
      major: 3,
      minor: 11,
      patch: 11,
      prerelease: "",
      url: address,
      sha256: createHash("sha256").update(archive).digest("hex"),
      variant: null,
      build: "20241219",
    };
    return { archive, downloads: JSON.stringify({ "cpython-3.11.11-linux-x86_64-gnu": entry }) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function unpack(from: string, to: string): void {
  const { files } = JSON.parse(readFileSync(join(from, "files.json"), "utf8"));
  for (const { name, perm, symlink } of files) {
    const target = join(to, name);
    mkdirSync(dirname(target), { recursive: true });
    if (symlink) symlinkSync(symlink, target);
    else if (perm >= goDirectory) mkdirSync(target, { recursive: true });
    else {
      const plain = join(from, name);
      writeFileSync(target, existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`)));
      chmodSync(target, perm & 0o777);
    }
  }
}
