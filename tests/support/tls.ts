import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Creates a certificate authority and certificates in one folder: ca.pem; server-cert.pem, server-key.pem; cert.pem, key.pem. */
export function makeCertificates(folder: string, serverAddress: string): void {
  mkdirSync(folder, { recursive: true });
  const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const days = ["-days", "2"];
  // Python 3.13 requires both.
  const ofAuthority = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  const identifiers = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
  openssl(
    "req",
    "-x509",
    ...newKey,
    ...days,
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=benchbox test",
    ...ofAuthority,
  );
  for (const [certificate, key, extensions] of [
    ["server-cert.pem", "server-key.pem", `subjectAltName=IP:${serverAddress}\nextendedKeyUsage=serverAuth\n`],
    ["cert.pem", "key.pem", "extendedKeyUsage=clientAuth\n"],
  ] as const) {
    writeFileSync(join(folder, "extensions"), extensions + identifiers);
    openssl("req", "-new", ...newKey, "-keyout", key, "-out", "request", "-subj", `/CN=${certificate}`);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"];
    openssl("x509", "-req", ...authority, ...days, "-in", "request", "-extfile", "extensions", "-out", certificate);
  }
}
