/** Sites that the lock file knows by a short name, with where the publisher has them. A stack may name mirrors of each. */
export const officialSites = {
  github: "https://github.com",
  nodejs: "https://nodejs.org/dist",
  // Where https://claude.ai/install.sh gets it.
  claude: "https://storage.googleapis.com/claude-code-dist-86c565f3-f756-42ad-8dfa-d59b1c096819/claude-code-releases",
  // A registry that this machine's npm knows; see `npm:` in scripts/lib/download.sh.
  npm: "npm:",
  // What `pixi global install` asks when it is told nothing else.
  conda: "https://conda.anaconda.org/conda-forge",
} as const;
export type Site = keyof typeof officialSites;

/** In a list of mirrors: the publisher's own place. */
export const official = "official";

/** For some sites the places to ask, in this order: addresses that stand for the site's, or `official`. */
export type Mirrors = Readonly<Partial<Record<Site, readonly string[]>>>;

/** One place that a file can be got from. */
export interface Place {
  /** For messages: the lock file's name for it, or the mirror's host. */
  readonly site: string;
  readonly address: string;
}

/** Every place to ask for what the lock file calls `address`, in order. */
export function placesOf(address: string, from: string, mirrors: Mirrors): Place[] {
  const [, site, path] = /^(\w+):(.*)$/s.exec(address) ?? [];
  if (site === undefined || path === undefined || !isSite(site)) return [{ site: from, address }];
  return (mirrors[site] ?? [official]).map((base) => {
    if (base === official) return { site: from, address: officialAddress(address) };
    const host = new URL(base).host;
    return { site: host, address: site === "npm" ? `${address} ${base}` : `${base.replace(/\/$/, "")}/${path}` };
  });
}

/** Where the publisher has what the lock file calls `address`. */
export function officialAddress(address: string): string {
  const [, site = "", path = ""] = /^(\w+):(.*)$/s.exec(address) ?? [];
  return isSite(site) && site !== "npm" ? `${officialSites[site]}/${path}` : address;
}

const isSite = (name: string): name is Site => Object.hasOwn(officialSites, name);
