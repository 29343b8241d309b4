import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBuildClient } from "../bench/build-client.ts";
import type { Suite } from "../image/fresh-base.ts";
import { hostAuthorities } from "../support/host-authorities.ts";
import { makeBase } from "../support/make-base.ts";

const project = join(import.meta.dirname, "../..");

/**
 * Builds a box's image with the project's Dockerfile and these packages in addition to the required ones; returns its tag. The image
 * is kept, so that the next test run can reuse its layers.
 */
export function boxImage(suite: Suite, packages: readonly string[] = []): string {
  const tag = [`benchbox-scripts:${suite}`, ...packages].join("-");
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-scripts-"));
  try {
    const authorities = join(scratch, "authorities");
    writeFileSync(authorities, hostAuthorities());
    const settings = {
      BASE: makeBase(suite),
      PACKAGES: "",
      LATER_PACKAGES: "",
      LAST_PACKAGES: packages.join(" "),
      USERS: "peid:3100:1100:sudo",
      ON_BUILD: "",
      LOCALE: "C.UTF-8",
      TIMEZONE: "Etc/UTC",
      KEPT_MIRROR: "",
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const network = ["--network=host", `--secret=id=ca_certificates,src=${authorities}`];
    execFileSync(
      findBuildClient(),
      ["build", "--quiet", `--tag=${tag}`, "--file=image/Dockerfile", ...network, ...words, "."],
      { cwd: project, env: { ...process.env, DOCKER_BUILDKIT: "1" }, stdio: ["ignore", "ignore", "pipe"] },
    );
    return tag;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
