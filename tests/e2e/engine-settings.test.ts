import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { debianTool } from "../support/debian-tool.ts";
import { engineLacks, engineUnderTest, isEngineAtLeast } from "../support/engines.ts";

/** Boxes on Docker Engines with settings that are common in daemon.json. */
describe("a Docker Engine with settings", { concurrency: 1, skip: engineLacks(), timeout: 1_200_000 }, () => {
  const support = join(import.meta.dirname, "../support");
  /** Runs box-round.ts on a separate Docker Engine. */
  const round = (settings: object, more: NodeJS.ProcessEnv = {}) => {
    const words = [engineUnderTest, process.execPath, join(support, "box-round.ts")];
    const { DOCKER_HOST: _, ...environment } = process.env;
    const env = { ...environment, BENCHBOX_TEST_DAEMON: JSON.stringify(settings), ...more };
    return spawnSync(join(support, "on-engine"), words, { encoding: "utf8", env });
  };

  test("that map users, give no new privileges and isolate containers, runs a working box", async () => {
    const settings = {
      "userns-remap": "default",
      "no-new-privileges": true,
      "userland-proxy": false,
      icc: false,
      "live-restore": true,
      ...(isEngineAtLeast("29") && { "firewall-backend": "nftables" }),
    };
    const nft = ["nftables", "libnftables1", "libnftnl11", "libjansson4", "libedit2"];
    const { status, stdout, stderr } = round(settings, { BENCHBOX_TEST_PACKAGES: await debianTool(nft) });
    assert.equal(status, 0, stdout + stderr);
  });

  test("that make it rootless, runs a working box", async () => {
    const BENCHBOX_TEST_PACKAGES = await debianTool(["rootlesskit", "slirp4netns", "libslirp0", "uidmap", "libsubid4"]);
    const { status, stdout, stderr } = round({}, { BENCHBOX_TEST_PACKAGES, BENCHBOX_TEST_ROOTLESS: "yes" });
    assert.equal(status, 0, stdout + stderr);
  });
});
