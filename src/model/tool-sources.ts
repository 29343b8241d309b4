/** Sites with a short name in the lock file, and their official addresses. A stack may configure mirrors for each. */
export const officialSites = {
  github: "https://github.com",
  nodejs: "https://nodejs.org/dist",
  // The address that https://claude.ai/install.sh downloads from.
  claude: "https://storage.googleapis.com/claude-code-dist-86c565f3-f756-42ad-8dfa-d59b1c096819/claude-code-releases",
  // The registry of this host's npm; see `npm:` in scripts/lib/download.sh.
  npm: "npm:",
  // The default channel of `pixi global install`.
  conda: "https://conda.anaconda.org/conda-forge",
} as const;
export type Site = keyof typeof officialSites;

/** The name of the publisher's own site in a list of mirrors. */
export const official = "official";

/** The addresses to use instead of a site, in the order they are tried, or `official` for the site itself. */
export type Mirrors = Readonly<Partial<Record<Site, readonly string[]>>>;

/** An address that a file can be downloaded from. */
export interface Place {
  /** Name for messages: from the lock file, or the mirror's host. */
  readonly site: string;
  readonly address: string;
}

/** The addresses for an `address` of the lock file, in the order they are tried. */
export function placesOf(address: string, from: string, mirrors: Mirrors): Place[] {
  const [, site, path] = /^(\w+):(.*)$/s.exec(address) ?? [];
  if (site === undefined || path === undefined || !isSite(site)) return [{ site: from, address }];
  return (mirrors[site] ?? [official]).map((base) => {
    if (base === official) return { site: from, address: officialAddress(address) };
    const host = new URL(base).host;
    return { site: host, address: site === "npm" ? `${address} ${base}` : `${base.replace(/\/$/, "")}/${path}` };
  });
}

/** The publisher's address for an `address` of the lock file. */
export function officialAddress(address: string): string {
  const [, site = "", path = ""] = /^(\w+):(.*)$/s.exec(address) ?? [];
  return isSite(site) && site !== "npm" ? `${officialSites[site]}/${path}` : address;
}

const isSite = (name: string): name is Site => Object.hasOwn(officialSites, name);
