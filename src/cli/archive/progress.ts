import { roundedSize } from "../../model/size.ts";
import { type Step, startStep } from "../../toolchain/progress.ts";

/** Prints the progress of a transfer: twice a second on a terminal, otherwise every 15 seconds. */
export class Progress {
  readonly #step: Step;
  readonly #total: number | undefined;
  readonly #started = performance.now();
  #bytes = 0;
  #printedAt = 0;

  /** @param total the approximate number of bytes */
  constructor(name: string, total?: number) {
    this.#step = startStep(name, process.stderr);
    this.#total = total;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#printedAt < (process.stderr.isTTY ? 500 : 15_000)) return;
    this.#printedAt = now;
    const speed = (this.#bytes / (now - this.#started)) * 1000;
    const of = this.#total === undefined ? "" : ` of about ${roundedSize(this.#total)}`;
    this.#step.doing(`${roundedSize(this.#bytes)}${of}, ${roundedSize(speed)}/s`);
  }

  end(): void {
    this.#step.end();
  }
}
