import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { ImageReference } from "../../model/image-reference.ts";
import { explain, type Reason } from "../../model/pull-reason.ts";
import { roundedSize } from "../../model/size.ts";
import { registryAuth } from "../../observe/client-settings.ts";
import { type Engine, messageOf } from "../../observe/engine-api.ts";
import type { Limits, Options } from "./options.ts";
import { type PullMessage, PullProgress } from "./pull-progress.ts";

/** Prints a line for the user. */
export const say = (line: string): void => console.error(`benchbox: ${line}`);

/** The pulled digest, if the Docker Engine reported it; or why the pull failed. */
type Pulled = { readonly digest: string | undefined } | { readonly reason: Reason };

/** Pulls one reference. Gives up when the source does not answer or the download stalls; see `Limits`. */
export async function pull(engine: Engine, source: ImageReference, { limits, platform }: Options): Promise<Pulled> {
  const progress = new PullProgress();
  const giveUp = new AbortController();
  const auth = registryAuth(source.registry);
  const attempt = { registry: source.registry, platform, hasLogin: auth !== undefined };
  const started = performance.now();
  let hasAnswered = false;
  let lastStep = started;

  const watch = setInterval(() => {
    const limit = hasAnswered ? limits.stall : limits.answer;
    const mayTakeLong = hasAnswered && progress.isUnpacking;
    if (!mayTakeLong && performance.now() - lastStep > limit) giveUp.abort();
  }, 100);
  const meter = startMeter(source.registry, progress, limits);
  try {
    const headers: Record<string, string> = auth === undefined ? {} : { "X-Registry-Auth": auth };
    const { status, body } = await engine.send(
      "POST",
      `/images/create?${query(source, platform)}`,
      headers,
      giveUp.signal,
    );
    if (status !== 200) return { reason: explain(messageOf(await text(body)), attempt) };
    for await (const line of createInterface({ input: body })) {
      if (line.trim() === "") continue;
      const message: PullMessage = JSON.parse(line);
      if (message.error !== undefined) return { reason: explain(message.error, attempt) };
      if (progress.add(message) || !hasAnswered) lastStep = performance.now();
      hasAnswered = true;
    }
    // The stream may end without an error when it is aborted.
    if (giveUp.signal.aborted) return { reason: timeoutReason(hasAnswered, progress, limits) };
    return { digest: progress.digest };
  } catch (error) {
    if (giveUp.signal.aborted) return { reason: timeoutReason(hasAnswered, progress, limits) };
    throw error;
  } finally {
    clearInterval(watch);
    clearInterval(meter);
  }
}

function query({ registry, path, tag, digest }: ImageReference, platform: string | undefined): string {
  const words = new URLSearchParams({ fromImage: `${registry}/${path}`, tag: digest ?? tag ?? "latest" });
  if (platform !== undefined) words.set("platform", platform);
  return words.toString();
}

function startMeter(registry: string, progress: PullProgress, limits: Limits): NodeJS.Timeout {
  let before = 0;
  return setInterval(() => {
    const rate = (progress.bytes - before) / (limits.report / 1000);
    before = progress.bytes;
    say(`${registry}: ${progress.describe()}${rate > 0 ? `, ${roundedSize(rate)}/s` : ""}`);
  }, limits.report);
}

function timeoutReason(hasAnswered: boolean, progress: PullProgress, limits: Limits): Reason {
  const seconds = (milliseconds: number) => `${milliseconds / 1000} seconds`;
  if (!hasAnswered) return { words: `did not answer within ${seconds(limits.answer)}` };
  const received = `after ${roundedSize(progress.bytes)} of ${roundedSize(progress.total)}`;
  if (progress.isRetrying)
    return { words: `closed the connection during the download, ${received}, and a retry received nothing more` };
  return { words: `sent nothing for ${seconds(limits.stall)}, ${received}` };
}
