/**
 * Plain (unquoted) YAML scalars that parsers interpret differently. The Pulumi engine reads a stack's file with Go's yaml.v3, which
 * mixes YAML 1.1 and 1.2; this program reads it as YAML 1.2. They agree on every scalar that is not refused here.
 */

/** A number that every parser reads the same way. */
const decimal = /^-?(0|[1-9]\d*|(?=\.))(\.\d+)?$/;

/** Text that some parser reads as a number, without the `_` that some allow between digits: yaml.v3's forms, and YAML 1.1 sexagesimals. */
const numberLike = /^[-+]?(0[xob][-+]?[\da-f]+|(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|\.(inf|nan)|\d+(:[0-5]?\d)+(\.\d*)?)$/i;

const dateLike = /^\d{4}-\d{1,2}-\d{1,2}([Tt]|[ \t]+\d|$)/;

/** Text that yaml.v3 reads as a key or a value within brackets or braces. */
const ambiguousInFlow = /\?|^:|:$/;

/** Booleans of YAML 1.1 that YAML 1.2 reads as text. */
const words: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

/** Why a plain scalar is ambiguous as a value, as a message that continues after the value; undefined when it is unambiguous. */
export function ambiguityOf(text: string, inFlow: boolean): string | undefined {
  if (inFlow && ambiguousInFlow.test(text)) return "is text to some YAML parsers and a mapping to others: quote it";
  const word = words[text.toLowerCase()];
  if (word !== undefined) return `is a boolean in YAML 1.1 and text in YAML 1.2: write ${word}, or quote it`;
  if (dateLike.test(text)) return "is a date to some YAML parsers and text to others: quote it";
  if (text === "<<") return "is YAML's merge operator: quote it";
  if (!isNumberLike(text)) return undefined;
  if (!decimal.test(text) || Object.is(Number(text), -0)) {
    const meant = [...new Set(readingsOf(text))].filter(Number.isSafeInteger).join(" or ");
    return `means different things to different YAML parsers: ${meant && `write ${meant}, or `}quote it`;
  }
  if (Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER) return "is too large to be read exactly: quote it";
  return undefined;
}

/** Whether every parser reads a plain scalar as text, as the name of an option requires. */
export const isText = (text: string, inFlow: boolean): boolean =>
  !(inFlow && ambiguousInFlow.test(text)) &&
  !isNumberLike(text) &&
  !dateLike.test(text) &&
  !/^(~|null|true|false|)$/i.test(text);

const isNumberLike = (text: string): boolean => numberLike.test(text.replaceAll("_", "")) && /^[-+.\d]/.test(text);

/** The numbers that parsers read in the text. */
function readingsOf(text: string): number[] {
  const digits = text.replaceAll("_", "").toLowerCase();
  const sign = digits.startsWith("-") ? -1 : 1;
  const unsigned = digits.replace(/^[-+]/, "");
  if (unsigned.includes(":")) {
    return [sign * unsigned.split(":").reduce((total, part) => total * 60 + Number(part), 0)];
  }
  const octal = /^0[0-7]+$/.test(unsigned) ? [sign * Number(`0o${unsigned}`)] : [];
  return [sign * Number(unsigned) + 0, ...octal];
}

/** The problem with a text in any quoting style: the Pulumi engine writes it to YAML and reads it back, and loses part of it. */
export const textProblem = (text: string): string | undefined =>
  /^[\n\t]/.test(text) && text.includes("\n")
    ? "is multi-line text that starts with a line break or a tab: start it with other text"
    : undefined;
