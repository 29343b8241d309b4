import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCaCertificates } from "../../config/host-files.ts";
import { buildClient } from "../bench/build-client.ts";
import type { Suite } from "../image/fresh-base.ts";
import { makeBase } from "../support/make-base.ts";

const project = join(import.meta.dirname, "../..");
export const user = "peid";

/**
 * The image of a box without more packages than every box has, by the project's Dockerfile; returns its tag. It trusts what
 * this machine trusts. It stays, as layers that the next run of the tests finds.
 */
export function boxImage(suite: Suite): string {
  const tag = `benchbox-scripts:${suite}`;
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-scripts-"));
  try {
    const certificates = readCaCertificates("host", project, (message) => ({ message }) as never);
    if (!("value" in certificates)) throw new Error("this machine's certificate authorities cannot be read");
    writeFileSync(join(scratch, "ca"), certificates.value.map((one) => `${one}\n`).join(""));
    const settings = {
      BASE: makeBase(suite),
      PACKAGES: "",
      LATER_PACKAGES: "",
      USERS: `${user}:3100:1100:sudo`,
      ON_BUILD: "",
      LOCALE: "C.UTF-8",
      TIMEZONE: "Etc/UTC",
      KEPT_MIRROR: "",
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const place = ["--network=host", `--secret=id=ca_certificates,src=${join(scratch, "ca")}`];
    execFileSync(
      buildClient(),
      ["build", "--quiet", `--tag=${tag}`, "--file=image/Dockerfile", ...place, ...words, "."],
      { cwd: project, env: { ...process.env, DOCKER_BUILDKIT: "1" }, stdio: ["ignore", "ignore", "pipe"] },
    );
    return tag;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
