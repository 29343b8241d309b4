import {
  decoded,
  type Environment,
  isLoopback,
  type ProxySetting,
  proxiesOf,
  proxySettings,
} from "../../model/proxy.ts";

/** Bytes that must not be in an image. */
export interface Needle {
  readonly bytes: Buffer;
  /** A description without the value. @example "host and port of HTTP_PROXY, base64" */
  readonly what: string;
  /** Whether a digit after the needle makes it a different value: `proxy:80` is not in `proxy:8080`. */
  readonly endsWithPort: boolean;
  /** Whether it is an unencoded loopback address without a login: `127.0.0.1:8080` is an example in the files of many programs. */
  readonly isCommon: boolean;
}

/** A part of a proxy setting, and the texts to search for. */
interface Part {
  readonly what: string;
  readonly texts: readonly string[];
  readonly endsWithPort?: boolean;
  readonly isCommon?: boolean;
}

/** Length in characters. Shorter texts are too common in other bytes, above all in base64. */
const shortestText = 6;
/** A shorter host and port, such as `p:80`, is also part of `http:80`: it counts only after a / or @. */
const shortestPlace = 8;
/** The minimum for letters alone or digits alone: `secret` and `123456` are in every distribution's documentation. */
const shortestWord = 12;

/**
 * The needles for the environment's proxies: the host and port, the credentials, and the password alone, each as written, URL-decoded,
 * URL-encoded, and in base64 at any place within a longer text. The whole value needs no needle, since it contains the host and port.
 *
 * There is no needle for a short password, or one that is an ordinary word, without its user. Not found are nested encodings, other
 * encodings (hexadecimal, encryption), base64 with line breaks, and a host that is apart from its port.
 */
export function needlesOf(environment: Environment): Needle[] {
  const all = proxiesOf(environment).flatMap((proxy) => partsOf(proxy).flatMap(spellings));
  return withoutRedundant(all);
}

/** The values of NO_PROXY that name more than loopback addresses. */
export function distinctiveNoProxy(environment: Environment): string[] {
  const { NO_PROXY, no_proxy } = proxySettings(environment);
  return [...new Set([NO_PROXY, no_proxy])].filter((value) =>
    value?.split(/[\s,]+/).some((host) => host !== "::1" && !isLoopback(host)),
  ) as string[];
}

/** Whether a password is distinctive enough to search for it without its user. */
function isDistinctive(password: string): boolean {
  return password.length >= (/^([a-z]+|\d+)$/i.test(password) ? shortestWord : shortestText);
}

function partsOf({ names, value, address }: ProxySetting): Part[] {
  const of = names.join(" and ");
  if (address === undefined) {
    return value.length < shortestText ? [] : [{ what: `value of ${of}`, texts: [value] }];
  }
  const parts: Part[] = [];
  const { scheme, host, port, user = "", password = "" } = address;
  const hosts = [...new Set([host, host.toLowerCase()])];
  if (port === undefined) {
    parts.push({ what: `value of ${of}`, texts: [`${scheme ?? ""}://${value.replace(/^.*:\/\/|\/+$/g, "")}`] });
  }
  const ports = port === undefined ? (scheme === "https" ? [443, 1080] : [80, 1080]) : [port];
  const places = ports.flatMap((one) => hosts.map((name) => `${name}:${one}`));
  const texts = places.flatMap((place) => (place.length < shortestPlace ? [`/${place}`, `@${place}`] : [place]));
  const isCommon = isLoopback(host) && user === "";
  parts.push({ what: `host and port of ${of}`, texts, endsWithPort: true, isCommon });
  if (password !== "") {
    const pairs = [`${user}:${password}`, `${decoded(user)}:${decoded(password)}`];
    parts.push({ what: `user and password of ${of}`, texts: pairs.filter(({ length }) => length >= shortestText) });
  }
  // A user without a password is a token.
  const [secret, kind] = password ? [password, "password"] : [user, "user"];
  parts.push({ what: `${kind} of ${of}`, texts: [secret, decoded(secret)].filter(isDistinctive) });
  return parts;
}

function spellings({ what, texts, endsWithPort = false, isCommon = false }: Part): Needle[] {
  const as = (how: string, portLast: boolean) => (text: string) => ({
    bytes: Buffer.from(text),
    what: what + how,
    endsWithPort: portLast,
    isCommon: isCommon && how === "",
  });
  return [...new Set(texts)].flatMap((text) => {
    const encoded = encodeURIComponent(text);
    const inUrls = [encoded, encoded.replace(/%[\dA-F]{2}/g, (one) => one.toLowerCase())].filter((one) => one !== text);
    const inBase64 = text.length < shortestText ? [] : base64Within(Buffer.from(text));
    const urlSafe = inBase64.map((base64) => base64.replaceAll("+", "-").replaceAll("/", "_"));
    return [
      as("", endsWithPort)(text),
      ...inUrls.map(as(", URL-encoded", endsWithPort)),
      ...[...inBase64, ...urlSafe].map(as(", base64", false)),
    ];
  });
}

/**
 * The characters of bytes in the base64 of any longer text, for each of the three positions that the bytes may have in a group of three.
 */
export function base64Within(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const base64 = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return base64.slice(first, whole);
  });
}

/** Leaves out needles that cannot occur without another needle. */
function withoutRedundant(needles: readonly Needle[]): Needle[] {
  const kept: Needle[] = [];
  const shortestFirst = [...needles].sort((a, b) => a.bytes.length - b.bytes.length);
  for (const needle of shortestFirst) {
    // A common needle does not count in some files, so it cannot replace another one.
    if (!kept.some((other) => (needle.isCommon || !other.isCommon) && implies(needle, other))) kept.push(needle);
  }
  return kept;
}

function implies(needle: Needle, other: Needle): boolean {
  for (let at = needle.bytes.indexOf(other.bytes); at >= 0; at = needle.bytes.indexOf(other.bytes, at + 1)) {
    const end = at + other.bytes.length;
    if (!other.endsWithPort) return true;
    if (end === needle.bytes.length ? needle.endsWithPort : !isDigit(needle.bytes[end])) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
