import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { isChecked } from "../../src/model/checked.ts";
import { readCertificateAuthorities } from "../../src/observe/certificate-authorities.ts";

const problem = (message: string) => ({ file: "user_config.yml", line: 1, path: "build.ca_certificates", message });

describe("certificate authorities", () => {
  const scratch = mkdtempSync(join(tmpdir(), "benchbox-authorities-"));
  const folder = join(scratch, "ca-certificates");
  const pems: string[] = [];
  before(() => {
    for (const name of ["one", "two", "three"]) {
      const file = join(scratch, `${name}.pem`);
      const words = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", `${file}.key`, "-subj", `/CN=${name}`];
      execFileSync("openssl", [...words, "-out", file], { stdio: "ignore" });
      execFileSync("openssl", ["x509", "-in", file, "-outform", "DER", "-out", join(scratch, `${name}.der`)]);
      pems.push(readFileSync(file, "utf8").trim());
    }
  });
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "team/deep"), { recursive: true });
  });
  after(() => rmSync(scratch, { recursive: true }));

  const of = (option: "host" | string[], folders = [folder]) =>
    readCertificateAuthorities(option, scratch, problem, folders);
  const host = () => {
    const found = of("host");
    assert.ok(isChecked(found));
    return found.value;
  };
  const copy = (name: string, to: string): void => writeFileSync(join(folder, to), readFileSync(join(scratch, name)));

  test("of the host are found once each, in folders, links, bundles and DER", () => {
    copy("one.der", "one.crt");
    copy("one.pem", "team/deep/again.crt");
    writeFileSync(
      join(folder, "team/bundle.crt"),
      `# of the team\r\n${pems[1]?.replaceAll("\n", "\r\n")}\r\n\n${pems[2]}`,
    );
    symlinkSync(join(scratch, "two.pem"), join(folder, "link.crt"));
    symlinkSync(folder, join(folder, "team/round"));
    writeFileSync(join(folder, "README"), "not a certificate");
    const { certificates, warnings } = host();
    assert.deepEqual([...certificates].sort(), [...pems].sort());
    assert.deepEqual(warnings, []);
  });

  test("of the host in an invalid file are a warning with its name, and the others are used", () => {
    copy("one.pem", "one.crt");
    writeFileSync(join(folder, "empty.crt"), "");
    writeFileSync(join(folder, "half.crt"), `${pems[1]?.slice(0, 200)}\n-----END CERTIFICATE-----\n`);
    symlinkSync(join(scratch, "nowhere"), join(folder, "dangling.crt"));
    mkdirSync(join(folder, "folder.crt"));
    const { certificates, warnings } = host();
    assert.deepEqual(certificates, [pems[0]]);
    const end = "; build and box do not use it (build.ca_certificates: host)";
    assert.deepEqual(warnings, [
      `${folder}/dangling.crt does not exist, or is a broken link${end}`,
      `${folder}/empty.crt is not a certificate in PEM or DER format${end}`,
      `${folder}/half.crt is not a certificate in PEM or DER format${end}`,
    ]);
  });

  test("in an unreadable file are reported with the reason", {
    skip: process.getuid?.() === 0 && "root reads all",
  }, () => {
    copy("one.pem", "one.crt");
    chmodSync(join(folder, "one.crt"), 0);
    assert.match(host().warnings.join(), /one\.crt cannot be read \(EACCES\)/);
  });

  test("in the configuration may be files and folders, and an invalid one is a problem", () => {
    copy("three.pem", "team/three.crt");
    const found = of(["one.pem", "two.der", join(folder, "team")]);
    assert.ok(isChecked(found));
    assert.deepEqual(found.value, { certificates: pems, warnings: [] });
    const odd = of(["one.pem", "one.pem.key", "missing.pem"]);
    assert.ok(!isChecked(odd));
    assert.deepEqual(
      odd.problems.map(({ message }) => message),
      [
        `${scratch}/one.pem.key is not a certificate in PEM or DER format`,
        `${scratch}/missing.pem does not exist, or is a broken link`,
      ],
    );
  });

  test("of a host without any are empty", () => {
    assert.deepEqual(of("host", []), { value: { certificates: [], warnings: [] } });
  });
});
