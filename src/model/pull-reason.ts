import { redact } from "./redact.ts";

/** The reason why pulling from a source failed. */
export interface Reason {
  /** A phrase that follows the source and a colon. */
  readonly words: string;
  /** Whether the cause is on the Docker host, so that every other source would fail the same way. */
  readonly isOurs?: boolean;
}

/** An attempt to pull an image. */
export interface Attempt {
  readonly registry: string;
  readonly platform?: string | undefined;
  /** Whether the docker client has a login for the registry, and sent it. */
  readonly hasLogin: boolean;
}

type Rule = readonly [RegExp, (attempt: Attempt) => Reason];

/** Error messages of Docker Engines, the most specific first. Their wording differs by version and image store. */
const rules: readonly Rule[] = [
  [
    /no space left on device/i,
    () => ({
      words: "the Docker Engine's disk is full; free some space: docker system df, docker image prune",
      isOurs: true,
    }),
  ],
  // The message does not show the address of the proxy, which may contain a password.
  [/proxyconnect/i, () => ({ words: "the Docker Engine's proxy does not answer; check docker info" })],
  [/no matching manifest|no match for platform|does not match the specified platform/i, platformReason],
  [
    /toomanyrequests|429 Too Many/i,
    ({ registry }) => ({ words: `rate limit exceeded; ${loginCommand(registry)} raises the limit` }),
  ],
  [
    /repository does not exist or may require/i,
    ({ registry }) => ({ words: `image not found, or login required: ${loginCommand(registry)}` }),
  ],
  [
    /no basic auth credentials|unauthorized|authentication required|\b401\b|denied|\b403\b|insufficient_scope/i,
    loginReason,
  ],
  [/manifest unknown|name unknown|not found|\b404\b/i, () => ({ words: "image not found" })],
  [/connection refused/i, () => ({ words: "connection refused: nothing listens there" })],
  [
    /no such host|name resolution|server misbehaving/i,
    () => ({ words: "host name not known to the Docker Engine's DNS" }),
  ],
  [/no route to host|network is unreachable/i, () => ({ words: "not reachable from the Docker Engine's network" })],
  [
    /HTTP response to HTTPS client/i,
    () => ({ words: "plain HTTP, which the Docker Engine accepts only from insecure-registries" }),
  ],
  [
    /x509|certificate|tls:/i,
    () => ({ words: "certificate not trusted by the Docker Engine; install its certificate authority there" }),
  ],
  [
    /unexpected EOF|connection reset|broken pipe|short read|\bEOF\b/i,
    () => ({ words: "connection closed during the download" }),
  ],
  [/i\/o timeout|timeout|deadline exceeded/i, () => ({ words: "no answer in time" })],
];

/** Explains an error message of the Docker Engine. Quotes an unknown message, without credentials. */
export function explain(message: string, attempt: Attempt): Reason {
  const rule = rules.find(([pattern]) => pattern.test(message));
  return rule ? rule[1](attempt) : { words: `failed: ${redact(message.replace(/\s+/g, " "))}` };
}

function loginReason({ registry, hasLogin }: Attempt): Reason {
  return {
    words: hasLogin
      ? `docker's login was refused; renew it: ${loginCommand(registry)}`
      : `login required: ${loginCommand(registry)}`,
  };
}

function platformReason({ platform }: Attempt): Reason {
  return { words: `image not available for ${platform ?? "the platform of the Docker Engine"}` };
}

function loginCommand(registry: string): string {
  return registry === "docker.io" ? "docker login" : `docker login ${registry}`;
}
