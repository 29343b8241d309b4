import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { readOutput } from "./stream-program.ts";

/**
 * The words to put before a command so that it can read a file of the Docker Engine: none for root, else those of sudo. Undefined if the
 * file is not readable.
 */
export async function findReadPrefix(file: string): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) {
    const readable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    return readable ? [] : undefined;
  }
  const sudo = ["sudo", "-n"];
  return readOutput([...sudo, "test", "-r", file], async (output) => void output.resume()).then(
    () => sudo,
    () => undefined,
  );
}

/** @param asRoot from `findReadPrefix` */
export async function readText(file: string, asRoot: readonly string[]): Promise<string> {
  if (asRoot.length === 0) return readFile(file, "utf8");
  let text = "";
  await readOutput([...asRoot, "cat", file], async (output) => {
    for await (const piece of output.setEncoding("utf8")) text += piece;
  });
  return text;
}
