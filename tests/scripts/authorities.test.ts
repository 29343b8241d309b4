import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { suites } from "../image/fresh-base.ts";
import { selfSigned } from "../image/network-box.ts";
import { boxImage } from "./box-image.ts";
import { FreshBox } from "./fresh-box.ts";

for (const suite of suites) {
  describe(`certificate authorities on ${suite}, with Java`, { concurrency: 1 }, () => {
    let box: FreshBox;
    before(async () => {
      box = new FreshBox(boxImage(suite));
      const install =
        "apt-get update --quiet=2 && apt-get install --quiet=2 --no-install-recommends default-jre-headless";
      await box.ok("root", `${install} >/dev/null 2>&1`);
    });
    after(() => box.remove());

    const folder = "/usr/local/share/ca-certificates/benchbox";
    /** Makes these the only additional authorities, as `configure` does. */
    const trust = async (...authorities: readonly string[]): Promise<void> => {
      const files = authorities.map((pem, index) => `echo '${pem}' >${folder}/ca-${index}.crt; `);
      const command = `umask 077; rm -rf ${folder}; mkdir -m 755 ${folder}; ${files.join("")}chmod -R a+r ${folder}`;
      await box.ok("root", `${command}; /usr/local/lib/benchbox/trust-authorities`);
    };
    /** All authorities that a user's Java trusts, as PEM. */
    const trusted = async (): Promise<string> =>
      (await box.ok("peid", "keytool -list -rfc -cacerts -storepass changeit 2>/dev/null")).replaceAll(/\r|\n/g, "");
    const has = async (pem: string): Promise<boolean> => (await trusted()).includes(pem.replaceAll(/\r|\n/g, ""));

    test("Java's list follows an authority that is added, replaced or removed, and keeps those that root added", async () => {
      const [first, second, own] = ["192.0.2.7", "192.0.2.8", "192.0.2.9"].map((name) => selfSigned(name).certificate);
      assert.ok(first && second && own);
      await box.ok(
        "root",
        `echo '${own}' >/root/own.pem; keytool -importcert -noprompt -cacerts -storepass changeit -alias own -file /root/own.pem`,
      );
      await trust(first);
      assert.deepEqual([await has(first), await has(second)], [true, false]);
      await trust(second); // under the name of the first
      assert.deepEqual([await has(first), await has(second)], [false, true]);
      await trust();
      assert.deepEqual([await has(first), await has(second), await has(own)], [false, false, true]);
    });
  });
}
