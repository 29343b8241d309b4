import { createHash } from "node:crypto";

/** The SHA-256 of a stream in hexadecimal digits. */
export async function sha256Of(content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of content) hash.update(piece);
  return hash.digest("hex");
}
