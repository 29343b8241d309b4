import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debootstrapTag } from "../../src/model/debootstrap-tag.ts";
import { hashFolder, hashOf } from "../../src/model/hash.ts";
import { findBuildClient } from "../bench/build-client.ts";
import { makeOnce, testTools } from "./debian-tool.ts";
import { hostAuthorities } from "./host-authorities.ts";

const project = join(import.meta.dirname, "../..");
const makeBaseScript = join(project, "src/resources/make-base");
const makeBaseRecipe = hashOf(readFileSync(makeBaseScript, "utf8"), process.arch);

/**
 * Creates the base of a Debian suite, as the project does, unless the Docker Engine has it. debootstrap takes half a minute, so an archive
 * of the base is kept for the Docker Engines that the tests start, until make-base changes.
 *
 * @returns its tag
 * @throws with the output of make-base when it fails
 */
export function makeBase(suite: string): string {
  const tag = debootstrapTag({ kind: "debootstrap", suite });
  const kept = join(testTools, `base-${tag.replace(/^.*:/, "")}-${makeBaseRecipe}`);
  if (!has(tag)) {
    if (existsSync(kept)) load(kept);
    else run(makeBaseScript, tag, suite);
  }
  keep(kept, tag);
  return tag;
}

/** The mirror that stands for the prepared base in a stack's file. Nothing is downloaded from it. */
export const preparedMirror = "http://prepared.invalid/debian";

/**
 * Puts a base on a Docker Engine that already has the packages that every box requires, for tests in which the image does not matter: their
 * installation takes a minute of processor time, on each Docker Engine. An archive of it is kept until the Dockerfile or `image/build`
 * changes.
 *
 * @param host DOCKER_HOST; undefined for the host's own Docker Engine
 */
export function prepareBase(host?: string): void {
  const tag = debootstrapTag({ kind: "debootstrap", suite: "trixie", mirror: preparedMirror });
  if (has(tag, host)) return;
  // The steps up to the one with the required packages.
  const [steps] = readFileSync(join(project, "image/Dockerfile"), "utf8").split("\n# Python 3.12");
  const dockerfile = `${steps}\nLABEL benchbox.base=${tag}\n`;
  const recipe = hashOf(makeBaseRecipe, dockerfile, hashFolder(join(project, "image/build")));
  const kept = join(testTools, `prepared-base-${recipe}`);
  if (!existsSync(kept)) {
    buildPrepared(tag, dockerfile);
    keep(kept, tag);
    removeOldPrepared();
  }
  load(kept, host);
}

function buildPrepared(tag: string, dockerfile: string): void {
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-prepared-"));
  try {
    writeFileSync(join(scratch, "Dockerfile"), dockerfile);
    writeFileSync(join(scratch, "authorities"), hostAuthorities());
    const words = [
      ...["build", "--quiet", "--network=host", `--tag=${tag}`, `--file=${join(scratch, "Dockerfile")}`],
      ...[`--build-arg=BASE=${makeBase("trixie")}`, `--secret=id=ca_certificates,src=${join(scratch, "authorities")}`],
    ];
    execFileSync(findBuildClient(), [...words, project], {
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Removes archives of earlier versions, which are large. Another clone may still use those of the last week. */
function removeOldPrepared(): void {
  const week = 7 * 24 * 3600 * 1000;
  for (const name of readdirSync(testTools).filter((one) => one.startsWith("prepared-base-"))) {
    if (Date.now() - statSync(join(testTools, name)).mtimeMs > week) rmSync(join(testTools, name), { recursive: true });
  }
}

function has(tag: string, host?: string): boolean {
  return spawnSync("docker", [...at(host), "image", "inspect", tag], { stdio: "ignore" }).status === 0;
}

function keep(folder: string, tag: string): void {
  if (existsSync(folder)) return;
  mkdirSync(testTools, { recursive: true });
  makeOnce(folder, (staging) => run("docker", "save", "--output", join(staging, "base.tar"), tag));
}

function load(folder: string, host?: string): void {
  run("docker", ...at(host), "load", "--quiet", "--input", join(folder, "base.tar"));
}

const at = (host: string | undefined): string[] => (host === undefined ? [] : ["--host", host]);

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ["ignore", "ignore", "pipe"] });
}

// `make-base.ts`: puts the bases of the end-to-end tests on the Docker Engine.
if (import.meta.main) {
  makeBase("trixie");
  prepareBase();
}
