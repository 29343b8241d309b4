/** Random YAML, the same for the same seed: what a person may write into a configuration file, and what only a program would. */

const words = [
  ..."y n yes no on off Yes NO true false True FALSE null Null ~ none all auto << = - . -- secure".split(" "),
  ..."0755 0o17 0O17 0x1F 0X1f 0b101 -0x1F -0b1 22_044 1_0.5 08 007 00 0 -0 +5 -7 1e3 1.5e3 1E+3 .5 -.5 5. 1.10 22.10".split(
    " ",
  ),
  ..."1:30 1:0 12:30:45 1:30.5 .inf -.Inf .nan 9007199254740991 9007199254740993 18446744073709551616".split(" "),
  ..."2026-11-29 2026-1-2 2026-11-29T10:00:00Z 8g 1920x1080 127.0.0.1 12.8.1 468c101db63b 123e4 ssh://a@b ~/x @a ./x".split(
    " ",
  ),
  ..."2026-11-29 10:00:00|2001-12-14 21:59:43.10 -5|two words|a: b|a #b|it's|a, b|[x]|{x}|# no|é ü|漢字|😀|tab\there".split(
    "|",
  ),
  ...'|&x|*x|!x|%x|`x`|x:|:x|?x|-x|x\\y|back\\\\|"q"| x|x |line\nbreak|line\n\nbreaks\n| two\n  lines\n|\nx|a\u2028b|a\u0085b'.split(
    "|",
  ),
];
const numberCharacters = "0123456789_.+-eExob:aF";
const names = [
  "a",
  "b",
  "c",
  "port",
  "bind",
  "devices",
  "key with space",
  "é",
  "N",
  "1",
  "true",
  "<",
  "a.b",
  "secure2",
];

/** A random value as YAML. Its first line follows `key:`, and the others are indented by `indent` or more. */
export class RandomYaml {
  readonly #random: () => number;
  #anchors: string[] = [];
  #mappings: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The value, preceded by its separator from the key: a space, or a line break. */
  value(indent: number, depth = 3): string {
    const kind = this.#below(10);
    const [before, anchor] = this.#anchor();
    let text: string;
    if (depth > 0 && kind < 2) text = `${before}${this.#blockMapping(indent, depth)}`;
    else if (depth > 0 && kind < 4) text = `${before}${this.#blockList(indent, depth)}`;
    else if (depth > 0 && kind < 5) text = `${before} ${this.#flow(depth)}`;
    else if (kind < 6 && this.#anchors.length > 0 && before === "") text = ` *${this.#of(this.#anchors)}`;
    else if (kind < 7) text = `${before} ${this.#blockScalar(indent)}`;
    else text = `${before} ${this.#scalar(false)}${this.#comment()}`;
    if (anchor !== undefined) {
      this.#anchors.push(anchor);
      if (depth > 0 && kind < 2) this.#mappings.push(anchor);
    }
    return text;
  }

  #anchor(): [string, string | undefined] {
    if (this.#below(6) > 0) return ["", undefined];
    const name = `n${this.#below(1000)}`;
    return [` &${name}`, name];
  }

  #blockMapping(indent: number, depth: number): string {
    const pad = " ".repeat(indent);
    const lines = this.#keys().map((key) => `\n${pad}${key}:${this.value(indent + 1 + this.#below(3), depth - 1)}`);
    if (this.#mappings.length > 0 && this.#below(2) === 0) {
      const one = `*${this.#of(this.#mappings)}`;
      const merged = this.#below(2) === 0 ? one : `[${one}, *${this.#of(this.#mappings)}]`;
      lines.splice(this.#below(lines.length + 1), 0, `\n${pad}<<: ${merged}`);
    }
    return lines.join("");
  }

  #blockList(indent: number, depth: number): string {
    const items = Array.from({ length: 1 + this.#below(3) }, () => this.value(indent + 2, depth - 1));
    return items.map((item) => `\n${" ".repeat(indent)}-${item}`).join("");
  }

  #flow(depth: number): string {
    const inner = (): string => (depth > 1 && this.#below(4) === 0 ? this.#flow(depth - 1) : this.#scalar(true));
    const separator = this.#of([", ", ",", " , ", ",\n          "]);
    if (this.#below(2) === 0) {
      return `[${Array.from({ length: this.#below(4) }, inner).join(separator)}]`;
    }
    return `{${this.#keys()
      .map((key) => `${key}: ${inner()}`)
      .join(separator)}}`;
  }

  #keys(): string[] {
    const keys = new Set(Array.from({ length: 1 + this.#below(3) }, () => this.#of(names)));
    return [...keys].map((key) => (this.#below(4) === 0 ? JSON.stringify(key) : key));
  }

  #blockScalar(indent: number): string {
    const text = this.#text();
    const header = `${this.#of(["|", ">"])}${this.#of(["", "-", "+"])}`;
    const pad = " ".repeat(indent);
    const more = this.#of(["", "", " "]);
    return `${header}\n${text
      .split("\n")
      .map((line, index) => (line === "" ? "" : `${pad}${index > 0 ? more : ""}${line}`))
      .join("\n")}`;
  }

  #scalar(inFlow: boolean): string {
    const text = this.#text();
    const style = this.#below(5);
    if (style === 0) return JSON.stringify(text);
    if (style === 1 && !text.includes("\n")) return `'${text.replaceAll("'", "''")}'`;
    return inFlow ? text.replace(/[\n,[\]{}]/g, "") : text.replaceAll("\n", "\n            ");
  }

  #text(): string {
    if (this.#below(3) > 0) return this.#of(words);
    return Array.from({ length: 1 + this.#below(6) }, () => this.#of([...numberCharacters])).join("");
  }

  #comment(): string {
    return this.#below(8) === 0 ? " # why" : "";
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }
  #of<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }
}

const damages = [..." \n\t:-?#&*!|>\\\"%[]{},<~'x0_e"];

/** The document with one to three characters inserted, removed or replaced. */
export function damaged(document: string, random: () => number): string {
  const below = (bound: number): number => Math.floor(random() * bound);
  let text = document;
  for (let left = 1 + below(3); left > 0; left--) {
    const at = "config:\n".length + below(text.length - "config:\n".length);
    const added = below(4) === 0 ? "" : (damages[below(damages.length)] ?? "");
    text = text.slice(0, at) + added + text.slice(at + (added === "" ? 1 : below(2)));
  }
  return text;
}
