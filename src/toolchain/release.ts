import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
import { isLoopback } from "../model/proxy.ts";
import { fetchByProxy } from "../network/fetch.ts";
import type { Step } from "./progress.ts";
import { SetupError } from "./setup-error.ts";

// Downloads use Node, since a new host may not have curl. With NODE_USE_SYSTEM_CA=1 (set by `setup`) Node trusts the host's
// certificates, which a company's proxy may require.

/** Seconds that a release site has to send the first byte. */
export const probeSeconds = 10;
const stallSeconds = 30;

/** Names the checksum that this repository pins, in messages. */
export const pinnedChecksum = "the checksum in src/toolchain/versions.json";

/** Which addresses of a release can be downloaded from. */
export interface Probe {
  /** The addresses that answered, in the given order. */
  readonly reachable: readonly string[];
  /** Why the other addresses cannot be used: `HOST: REASON`. */
  readonly refused: readonly string[];
}

/** Requests the first byte of all addresses concurrently. */
export async function probe(addresses: readonly string[], seconds = probeSeconds): Promise<Probe> {
  const refusals = await Promise.all(addresses.map((address) => firstByte(address, seconds)));
  return {
    reachable: addresses.filter((_, index) => !refusals[index]),
    refused: refusals.flatMap((why, index) => (why ? [`${hostOf(addresses[index])}: ${why}`] : [])),
  };
}

async function firstByte(address: string, seconds: number): Promise<string | undefined> {
  if (!isTrustworthy(address)) return "not an https address";
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    const response = await fetchByProxy(address, { headers: { range: "bytes=0-0" }, signal: stop.signal });
    if (!response.ok) return `HTTP ${response.status}`;
    await response.body?.getReader().read();
    return undefined;
  } catch (error) {
    return stop.signal.aborted ? `no answer within ${seconds} s` : reasonOf(error);
  } finally {
    clearTimeout(limit);
    stop.abort();
  }
}

/**
 * Downloads to a file. Retries once if the transfer ends early or stalls.
 *
 * @returns the sha256 of the file
 */
export async function download(address: string, file: string, step: Step): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await downloadOnce(address, file, step);
    } catch (error) {
      if (attempt === 2) throw new SetupError(`the download from ${hostOf(address)} failed twice: ${reasonOf(error)}`);
    }
  }
}

async function downloadOnce(address: string, file: string, step: Step): Promise<string> {
  const stop = new AbortController();
  let stalled = setTimeout(() => stop.abort(), stallSeconds * 1000);
  try {
    const response = await fetchByProxy(address, { signal: stop.signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const length = Number(response.headers.get("content-length"));
    let bytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        bytes += chunk.length;
        clearTimeout(stalled);
        stalled = setTimeout(() => stop.abort(), stallSeconds * 1000);
        next(null, chunk);
      },
    });
    step.doing(`downloading from ${hostOf(address)}${length ? `, ${Math.ceil(length / 1e6)} MB` : ""}`);
    await pipeline(Readable.fromWeb(response.body as WebStream), meter, createWriteStream(file));
    if (length && bytes !== length) throw new Error(`received ${bytes} of ${length} bytes`);
    return await sha256Of(file);
  } catch (error) {
    throw stop.signal.aborted ? new Error(`no data for ${stallSeconds} s`) : error;
  } finally {
    clearTimeout(stalled);
  }
}

/** Downloads a small text, for example a publisher's checksums; undefined if that fails. */
export async function fetchText(address: string): Promise<string | undefined> {
  if (!isTrustworthy(address)) return undefined;
  try {
    const response = await fetchByProxy(address, { signal: AbortSignal.timeout(probeSeconds * 1000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

/** The sha256 of one file in a list with lines `SUM  NAME`. */
export function checksumIn(list: string, name: string): string | undefined {
  for (const line of list.split("\n")) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  return undefined;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Whether the address uses https or is this host's loopback address. */
export function isTrustworthy(address: string): boolean {
  const url = new URL(address);
  return url.protocol === "https:" || isLoopback(url.hostname);
}

export function hostOf(address: string | undefined): string {
  return address ? new URL(address).hostname : "";
}

/** The cause of a failed fetch, whose own message is only `fetch failed`. Passes on no text that could contain a proxy's address. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? (cause ? "the connection failed" : message);
}
