import { redact } from "./redact.ts";

/** Why a source did not give the image. */
export interface Reason {
  /** The end of a sentence that starts with the source. */
  readonly words: string;
  /** It is not the source's fault: the next one would fail the same way. */
  readonly isOurs?: boolean;
}

/** What was asked of whom. */
export interface Attempt {
  readonly registry: string;
  readonly platform?: string | undefined;
  /** The docker client has a login for the registry, and it was sent. */
  readonly hasLogin: boolean;
}

type Rule = readonly [RegExp, (attempt: Attempt) => Reason];

/** What engines say, the most telling first. Their own words differ by version and image store. */
const rules: readonly Rule[] = [
  [
    /no space left on device/i,
    () => ({ words: "the engine's disk is full; free some: docker system df, docker image prune", isOurs: true }),
  ],
  // The address of a proxy may hold a password, and is nobody else's business.
  [/proxyconnect/i, () => ({ words: "the engine's own proxy does not answer; look at: docker info" })],
  [/no matching manifest|no match for platform|does not match the specified platform/i, noPlatform],
  [
    /toomanyrequests|429 Too Many/i,
    ({ registry }) => ({ words: `asks to wait, too many pulls; ${login(registry)} raises the limit` }),
  ],
  [
    /repository does not exist or may require/i,
    ({ registry }) => ({ words: `does not have the image, or asks for a login: ${login(registry)}` }),
  ],
  [
    /no basic auth credentials|unauthorized|authentication required|\b401\b|denied|\b403\b|insufficient_scope/i,
    wantsLogin,
  ],
  [/manifest unknown|name unknown|not found|\b404\b/i, () => ({ words: "does not have the image" })],
  [/connection refused/i, () => ({ words: "refused the connection: nothing listens there" })],
  [/no such host|name resolution|server misbehaving/i, () => ({ words: "its name is not known to the engine's DNS" })],
  [/no route to host|network is unreachable/i, () => ({ words: "cannot be reached from the engine's network" })],
  [
    /HTTP response to HTTPS client/i,
    () => ({ words: "speaks plain http, which the engine takes from insecure-registries only" }),
  ],
  [
    /x509|certificate|tls:/i,
    () => ({ words: "its certificate is not trusted by the engine; install its authority there" }),
  ],
  [
    /unexpected EOF|connection reset|broken pipe|short read|\bEOF\b/i,
    () => ({ words: "cut the connection in the middle" }),
  ],
  [/i\/o timeout|timeout|deadline exceeded/i, () => ({ words: "did not answer in time" })],
];

/** Says in words what an engine's error message means. What it does not know it quotes, without credentials. */
export function explain(message: string, attempt: Attempt): Reason {
  const rule = rules.find(([pattern]) => pattern.test(message));
  return rule ? rule[1](attempt) : { words: `failed: ${redact(message.replace(/\s+/g, " "))}` };
}

function wantsLogin({ registry, hasLogin }: Attempt): Reason {
  return {
    words: hasLogin
      ? `refused the login that docker has for it; renew it: ${login(registry)}`
      : `asks for a login: ${login(registry)}`,
  };
}

function noPlatform({ platform }: Attempt): Reason {
  return { words: `has the image, but not for ${platform ?? "the engine's platform"}` };
}

function login(registry: string): string {
  return registry === "docker.io" ? "docker login" : `docker login ${registry}`;
}
