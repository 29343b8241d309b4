import type { Search } from "./finder.ts";
import type { Needle } from "./needles.ts";
import { environmentSetting, historySettings } from "./settings.ts";

/** The part of an image's config that is searched for settings; all of the config is searched for needles. */
export interface ImageConfig {
  readonly config?: Configuration | null;
  /** The settings of the classic builder's last container. */
  readonly container_config?: Configuration | null;
  readonly history?: readonly HistoryLine[] | null;
}

interface Configuration {
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly OnBuild?: readonly string[] | null;
}

export interface HistoryLine {
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** A trace of a proxy in an image's config. */
export interface ConfigFinding {
  /** @example "config.Env[2]" */
  readonly place: string;
  /** The index of the history line, from 0, if the place is one. */
  readonly history?: number;
  readonly what: string;
}

/**
 * Searches every string and key of a config for needles, and its environment, history and commands for settings.
 *
 * @param noProxy values of NO_PROXY: they are not secret and are common in files, so only the config is searched for them
 * @param base the base's environment entries and number of history lines
 */
export function searchConfig(
  image: ImageConfig,
  startSearch: () => Search,
  noProxy: readonly string[],
  base: { readonly environment: readonly string[]; readonly historyLines: number },
): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const add = (place: string, what: string): void => {
    const history = /^history\[(\d+)\]/.exec(place)?.[1];
    if (history === undefined) findings.push({ place, what });
    else if (Number(history) >= base.historyLines) findings.push({ place, what, history: Number(history) });
  };

  for (const [place, text] of strings(image)) {
    for (const { what } of searchText(text, startSearch)) add(place, what);
    if (noProxy.some((value) => text.includes(value))) add(place, "value of NO_PROXY");
  }
  for (const part of ["config", "container_config"] as const) {
    for (const [at, entry] of (image[part]?.Env ?? []).entries()) {
      const name = environmentSetting(entry);
      const inherited = base.environment.includes(entry) ? ", inherited from the base image" : "";
      if (name !== undefined) add(`${part}.Env[${at}]`, `sets ${name}${inherited}`);
    }
    for (const list of ["Cmd", "Entrypoint", "OnBuild"] as const) {
      for (const [at, text] of (image[part]?.[list] ?? []).entries()) {
        for (const name of historySettings(text)) add(`${part}.${list}[${at}]`, `sets ${name}`);
      }
    }
  }
  for (const [at, { created_by = "" }] of (image.history ?? []).entries()) {
    for (const name of new Set(historySettings(created_by))) add(`history[${at}]`, `sets ${name}`);
  }
  // The classic builder's part repeats the others; it is reported only for what they do not have.
  const isRepeated = (one: ConfigFinding): boolean =>
    one.place.startsWith("container_config") &&
    findings.some(
      ({ place, what }) => place !== one.place && !place.startsWith("container_config") && what === one.what,
    );
  return findings.filter((one) => !isRepeated(one));
}

/** The needles that a text contains. */
export function searchText(text: string, startSearch: () => Search): Set<Needle> {
  const search = startSearch();
  search.add(Buffer.from(text));
  return search.end();
}

function* strings(value: unknown, place = ""): Generator<[string, string]> {
  if (typeof value === "string") yield [place, value];
  else if (Array.isArray(value)) for (const [at, one] of value.entries()) yield* strings(one, `${place}[${at}]`);
  else if (typeof value === "object" && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      const inner = place === "" ? key : `${place}.${key}`;
      yield [`${inner} (its name)`, key];
      yield* strings(one, inner);
    }
  }
}
