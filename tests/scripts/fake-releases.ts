import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type LockedSource, type LockedTool, type Processor, readToolLock } from "../../src/config/tool-lock.ts";
import { type ReleaseSite, sha256 } from "./release-site.ts";

export const toolLock = readToolLock(readFileSync(new URL("../../tools.lock.yml", import.meta.url), "utf8"));

/** A tool as its publisher releases it, with fakes of its programs: shell scripts that print their version. */
export interface FakeTool {
  /** Below `scripts/`. */
  readonly script: string;
  readonly programs: readonly string[];
  /** The files of the release's archive, by path, and its format; `plain` if the release is a single program. */
  archive(
    version: string,
    platform: string,
  ): { form: "tar.gz" | "tar.xz" | "zip" | "plain"; files: Record<string, string> };
  /** The publisher's document with a file's checksum, and its path on the site. */
  checksum(file: string, sum: string): { path: string; text: string };
}

/** Random text that hardly compresses, so that an archive has a certain size. */
let padding = "";
const program = (name: string, version: string): string => `#!/bin/sh\necho "${name} ${version}"\n# ${padding}\n`;

const beside = (name: string) => (file: string, sum: string) => ({
  path: name.replace("{file}", file).replace("{folder}", dirname(file)),
  text: `${sum}  ${basename(file)}\n`,
});
/** A release in the form of GitHub's API. */
const byApi = (file: string, sum: string) => ({
  path: `api/${/^(.*)\/releases\/download\/([^/]+)\//.exec(file)?.slice(1).join("/releases/tags/")}`,
  text: JSON.stringify({
    assets: [
      { name: "other", digest: null },
      { name: basename(file), digest: `sha256:${sum}` },
    ],
  }),
});

export const fakeTools: Readonly<Record<string, FakeTool>> = {
  uv: {
    script: "stage-1/system/uv/install-uv.sh",
    programs: ["uv", "uvx"],
    archive: (version, platform) => ({
      form: "tar.gz",
      files: { [`${platform}/uv`]: program("uv", version), [`${platform}/uvx`]: program("uvx", version) },
    }),
    checksum: beside("{file}.sha256"),
  },
  pixi: {
    script: "stage-2/system/pixi/install-pixi.bash",
    programs: ["pixi"],
    archive: (version) => ({ form: "tar.gz", files: { pixi: program("pixi", version) } }),
    checksum: beside("{file}.sha256"),
  },
  nodejs: {
    script: "stage-2/system/nodejs/install-nodejs.sh",
    programs: ["node", "npm", "npx"],
    archive: (version, platform) => ({
      form: "tar.xz",
      files: {
        ...Object.fromEntries(
          ["node", "npm", "npx"].map((name) => [`${platform}/bin/${name}`, program(`v${version} of ${name}`, version)]),
        ),
        [`${platform}/lib/node_modules/npm/package.json`]: "{}",
      },
    }),
    checksum: beside("{folder}/SHASUMS256.txt"),
  },
  bun: {
    script: "stage-2/system/bun/install-bun.sh",
    programs: ["bun", "bunx"],
    archive: (version, platform) => ({ form: "zip", files: { [`${platform}/bun`]: program("bun", version) } }),
    checksum: beside("{folder}/SHASUMS256.txt"),
  },
  "claude-code": {
    script: "stage-2/system/claude-code/install-claude-code.sh",
    programs: ["claude"],
    archive: (version) => ({ form: "plain", files: { claude: program("claude", version) } }),
    checksum: (file, sum) => ({
      path: `${dirname(dirname(file))}/manifest.json`,
      text: JSON.stringify({ platforms: { [basename(dirname(file))]: { checksum: sum } } }),
    }),
  },
  "codex-cli": {
    script: "stage-2/system/codex-cli/install-codex-cli.sh",
    programs: ["codex"],
    archive: (version) => ({
      form: "tar.gz",
      files: { "bin/codex": program("codex-cli", version), "codex-resources/rg": program("rg", "14") },
    }),
    checksum: byApi,
  },
  "clash-rs": {
    script: "stage-2/system/clash-rs/install-clash-rs.sh",
    programs: ["clash-rs"],
    archive: (version) => ({ form: "plain", files: { clash: program("clash-rs", version) } }),
    checksum: byApi,
  },
};

export interface Published {
  /** Path on the site, below the manner's folder. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/**
 * Publishes a release on the site, at the path of the lock file's first source.
 *
 * @param bytes approximate size of each program, even when compressed
 * @param own files that replace the fakes of the same path, or are added
 */
export function publish(
  site: ReleaseSite,
  id: string,
  version: string,
  processor: Processor,
  bytes = 200,
  own: Readonly<Record<string, string>> = {},
): Published {
  const tool = fakeTools[id];
  const path = releaseSource(id)[processor]?.replace(/^\w+:/, "").replaceAll("{version}", version);
  if (tool === undefined || path === undefined) throw new Error(`the lock file has no release of ${id}`);
  padding = randomBytes(bytes / 2).toString("hex");
  const { form, files } = tool.archive(version, basename(path).replace(/\.(tar\.gz|tar\.xz|zip)$/, ""));
  const content = pack(form, { ...files, ...own });
  const sum = sha256(content);
  const document = tool.checksum(path, sum);
  site.put(path, content);
  site.put(document.path, document.text);
  return { path, sha256: sum, size: content.length };
}

/** Publishes a release as a wheel, with its programs as scripts; returns its file name. */
export function publishWheel(site: ReleaseSite, id: string, version: string, bytes: number): string {
  padding = randomBytes(bytes / 2).toString("base64");
  const top = `${id}-${version}`;
  const scripts = (fakeTools[id]?.programs ?? []).map((name) => [
    `${top}.data/scripts/${name}`,
    program(name, version),
  ]);
  const name = `${top}-py3-none-any.whl`;
  site.put(
    name,
    pack("zip", {
      ...Object.fromEntries(scripts),
      [`${top}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${id}\nVersion: ${version}\n`,
      [`${top}.dist-info/WHEEL`]: "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
      [`${top}.dist-info/RECORD`]: "",
    }),
  );
  return name;
}

export function releaseSource(id: string): LockedSource {
  const source = toolLock[id]?.sources?.[0];
  if (source === undefined) throw new Error(`the lock file has no sources of ${id}`);
  return source;
}

/** A lock file entry with the site's releases as the only source, and checksums from the site. */
export function releaseLock(
  site: ReleaseSite,
  id: string,
  version: string,
  known?: LockedSource["sha256"],
): LockedTool {
  const { sha256: _, ...source } = releaseSource(id);
  const checksums = source.checksums
    ?.replace("https://api.github.com/repos", `${site.mirror("well")}/api`)
    .replace(/^claude:/, `${site.mirror("well")}/`);
  return { version, sources: [{ ...source, ...(checksums && { checksums }), ...(known && { sha256: known }) }] };
}

function pack(form: string, files: Readonly<Record<string, string>>): Buffer {
  const [only = ""] = Object.values(files);
  if (form === "plain") return Buffer.from(only);
  const folder = mkdtempSync(join(tmpdir(), "benchbox-release-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
      if (!name.endsWith(".json")) chmodSync(join(folder, name), 0o755);
    }
    const tops = [...new Set(Object.keys(files).map((name) => name.split("/")[0] ?? ""))];
    const archive = `${folder}.archive`;
    if (form === "zip") execFileSync("python3", ["-m", "zipfile", "-c", archive, ...tops], { cwd: folder });
    else
      execFileSync("tar", ["--create", form === "tar.xz" ? "--xz" : "--gzip", "--file", archive, ...tops], {
        cwd: folder,
      });
    const content = readFileSync(archive);
    rmSync(archive);
    return content;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
