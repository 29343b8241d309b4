import { isDigit, type Needle } from "./needles.ts";

/** Searches bytes that arrive in pieces for all needles at once, in constant memory. */
export interface Search {
  /** Takes the next piece. Does not keep its bytes beyond the next call. */
  add(piece: Buffer): void;
  /** Returns the needles that were found. Call it once, after the last piece. */
  end(): Set<Needle>;
}

/**
 * Prepares a search with the algorithm of Wu and Manber: if no needle has the last two bytes of the window at that place, the window moves
 * on by nearly the length of the shortest needle, so most bytes are never read. About three times as fast as one `indexOf` per needle.
 */
export function makeFinder(needles: readonly Needle[]): () => Search {
  if (needles.length === 0) return () => ({ add() {}, end: () => new Set() });
  const window = Math.min(...needles.map(({ bytes }) => bytes.length));
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  if (window < 2) throw new Error("a needle is too short to search for");
  const { shifts, ending } = tables(needles, window);

  /** Finds every needle that starts before `limit`. */
  function searchIn(bytes: Buffer, limit: number, last: boolean, found: Set<Needle>): void {
    const end = Math.min(bytes.length, limit + window - 1);
    let at = window - 1;
    while (at < end) {
      const block = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      const shift = shifts[block] as number;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const start = at - window + 1;
      for (const needle of ending.get(block) ?? []) {
        if (!found.has(needle) && isAt(bytes, start, needle, last)) found.add(needle);
      }
      at++;
    }
  }

  return () => {
    const found = new Set<Needle>();
    let rest: Buffer = Buffer.alloc(0);
    return {
      add(piece) {
        const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
        // A needle needs its own length and one more byte. Needles that start later are searched for together with the next piece.
        const limit = Math.max(0, bytes.length - longest);
        if (limit > 0) searchIn(bytes, limit, false, found);
        rest = Buffer.from(bytes.subarray(limit));
      },
      end() {
        searchIn(rest, rest.length, true, found);
        return found;
      },
    };
  };
}

function tables(needles: readonly Needle[], window: number): { shifts: Uint8Array; ending: Map<number, Needle[]> } {
  const shifts = new Uint8Array(65536).fill(Math.min(255, window - 1));
  const ending = new Map<number, Needle[]>();
  for (const needle of needles) {
    for (let at = 1; at < window; at++) {
      const block = needle.bytes.readUInt16BE(at - 1);
      shifts[block] = Math.min(shifts[block] as number, window - 1 - at);
      if (at === window - 1) ending.set(block, [...(ending.get(block) ?? []), needle]);
    }
  }
  return { shifts, ending };
}

function isAt(bytes: Buffer, start: number, { bytes: wanted, endsWithPort }: Needle, last: boolean): boolean {
  const end = start + wanted.length;
  if (end > bytes.length || (end === bytes.length && !last && endsWithPort)) return false;
  if (endsWithPort && isDigit(bytes[end])) return false;
  return bytes.compare(wanted, 0, wanted.length, start, end) === 0;
}
