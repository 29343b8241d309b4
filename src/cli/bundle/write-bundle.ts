import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { machine } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../model/user-error.ts";
import { askProgram } from "../../process/run-program.ts";
import { projectFolder } from "../../state/project.ts";

/** Puts the parts in a folder together, with what the bundle is and a checksum of each; `src/toolchain/unbundle` reads it. */
export async function writeBundle(staging: string, stack: string, file: string): Promise<void> {
  const form = readFileSync(join(projectFolder, "src/toolchain/bundle-form"), "utf8").trim();
  const made = new Date().toISOString().replace(/\.\d+/, "");
  const parts = readdirSync(staging).sort();
  writeFileSync(join(staging, "about"), `${form}\nstack ${stack}\nmachine ${machine()}\nmade ${made}\n`);
  const names = ["about", ...parts];
  const sums = await Promise.all(names.map((name) => sha256(join(staging, name))));
  writeFileSync(join(staging, "checksums"), names.map((name, index) => `${sums[index]}  ${name}\n`).join(""));
  const bundle = join(staging, "bundle");
  const words = ["--create", "--file", bundle, "--directory", staging, "about", "checksums", ...parts];
  const { ok, stderr } = await askProgram("tar", words, { seconds: 3600 });
  if (!ok) throw new UserError(`writing the bundle failed: ${stderr}`);
  renameSync(bundle, file);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
