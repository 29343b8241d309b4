import { randomFrom } from "../support/random.ts";

/** The middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("there is no median of nothing");
  return (low + high) / 2;
}

/** Runs `work` and returns the seconds that it took. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** A range that the ratio of the medians is in with a probability of 90 %: a bootstrap with a fixed seed, so that it is repeatable. */
export function ratioRange(
  values: readonly number[],
  reference: readonly number[],
): readonly [low: number, high: number] {
  const random = randomFrom(1);
  const resampled = (from: readonly number[]): number =>
    median(from.map(() => from[Math.floor(random() * from.length)] as number));
  const ratios = Array.from({ length: 1000 }, () => resampled(values) / resampled(reference)).sort((a, b) => a - b);
  return [ratios[50] as number, ratios[949] as number];
}
