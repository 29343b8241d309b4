import { roundedSize } from "../../model/size.ts";
import { startStep } from "../../toolchain/progress.ts";

/**
 * Passes a stream on and prints its progress: twice a second on a terminal, otherwise every 15 seconds.
 *
 * @param total the approximate number of bytes
 */
export async function* withProgress(
  name: string,
  content: AsyncIterable<Buffer>,
  total?: number,
): AsyncGenerator<Buffer> {
  const step = startStep(name, process.stderr);
  const started = performance.now();
  let [bytes, printedAt] = [0, 0];
  try {
    for await (const piece of content) {
      yield piece;
      bytes += piece.length;
      const now = performance.now();
      if (now - printedAt < (process.stderr.isTTY ? 500 : 15_000)) continue;
      printedAt = now;
      const of = total === undefined ? "" : ` of about ${roundedSize(total)}`;
      step.doing(`${roundedSize(bytes)}${of}, ${roundedSize((bytes / (now - started)) * 1000)}/s`);
    }
  } finally {
    step.end();
  }
}
