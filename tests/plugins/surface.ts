/** What a package offers a program, by token: "docker:index/container:Container". */
export type Surface = Map<string, Entry>;

/**
 * One resource, function or provider. A property is a path: "ports?.internal" is the required `internal` of every
 * element of the optional `ports`. So types need no comparison by name: what they consist of is in the paths.
 * Outputs have no question marks: which of them are always there is the SDK's own idea in places.
 */
export interface Entry {
  readonly inputs: string[];
  readonly outputs: string[];
}

/** The lines that tell how `found` differs from `expected`; none when they are equal. */
export function differences(expected: Surface, found: Surface): string[] {
  const lines: string[] = [];
  for (const token of union(expected.keys(), found.keys())) {
    const [wanted, served] = [expected.get(token), found.get(token)];
    if (!wanted || !served) {
      lines.push(`${token}: ${wanted ? "expected, not found" : "found, not expected"}`);
      continue;
    }
    for (const side of ["inputs", "outputs"] as const) {
      for (const path of union(wanted[side], served[side])) {
        if (!served[side].includes(path)) lines.push(`${token} ${side}: ${path}: expected, not found`);
        if (!wanted[side].includes(path)) lines.push(`${token} ${side}: ${path}: found, not expected`);
      }
    }
  }
  return lines;
}

function union(a: Iterable<string>, b: Iterable<string>): string[] {
  return [...new Set([...a, ...b])].sort();
}
