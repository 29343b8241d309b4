import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The certificate authorities that were added on this host, which it may need to reach the package registries; PEM. */
export function hostAuthorities(): string {
  const folder = "/usr/local/share/ca-certificates";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".crt"));
  return files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}
