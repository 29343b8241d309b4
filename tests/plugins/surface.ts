/** What a package offers to programs, by token: "docker:index/container:Container". */
export type Surface = Map<string, Entry>;

/**
 * One resource, function or provider. Properties are paths: "ports?.internal" is the required `internal` of each element of the optional
 * `ports`. The paths contain the structure of types, so types are not compared by name. Outputs have no question marks, since the SDK
 * does not always agree with the schema about which ones are always present.
 */
export interface Entry {
  readonly inputs: string[];
  readonly outputs: string[];
}

/** Lists the differences between two surfaces, one per line. */
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
