/** Numbers of CPUs or memory nodes in the kernel's form: `0-3,8`. */

/** The numbers of a list, sorted and without duplicates; undefined for other text. */
export function readIds(text: string): number[] | undefined {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(text)) return undefined;
  const ids = text.split(",").flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset);
  });
  return ids.length === 0 ? undefined : [...new Set(ids)].sort((a, b) => a - b);
}

/** The shortest form of a list. */
export function idList(ids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const id of [...new Set(ids)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** The shortest form of a list in text; empty for other text. */
export const normalIds = (text: string): string => idList(readIds(text) ?? []);

/** The list of the first `count` numbers. */
export const firstIds = (count: number): string => idList([...Array(count).keys()]);
