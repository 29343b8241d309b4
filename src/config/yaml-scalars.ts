/**
 * Plain (unquoted) YAML scalars that do not mean the same to every reader. The Pulumi engine reads a stack's file with Go's
 * yaml.v3, which mixes YAML 1.1 and 1.2; this program reads it as YAML 1.2. Both agree on everything that is not refused here.
 */

/** A number as every reader reads it. */
const decimal = /^-?(0|[1-9]\d*|(?=\.))(\.\d+)?$/;

/** What some reader takes for a number, after the `_` that some allow between digits: yaml.v3's forms, and sexagesimals of YAML 1.1. */
const numberLike = /^[-+]?(0[xob][-+]?[\da-f]+|(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?|\.(inf|nan)|\d+(:[0-5]?\d)+(\.\d*)?)$/i;

const dateLike = /^\d{4}-\d{1,2}-\d{1,2}([Tt]|[ \t]+\d|$)/;

/** Within brackets or braces yaml.v3 sees a key or a value in it. */
const oddInFlow = /\?|^:|:$/;

/** Booleans of YAML 1.1 that YAML 1.2 reads as text. */
const words: Readonly<Record<string, boolean>> = { y: true, yes: true, on: true, n: false, no: false, off: false };

/** What is wrong with a plain scalar as a value, as the end of a sentence that begins with it; undefined when it is unambiguous. */
export function ambiguityOf(text: string, inFlow: boolean): string | undefined {
  if (inFlow && oddInFlow.test(text)) return "is text to some YAML readers and a mapping to others: quote it";
  const word = words[text.toLowerCase()];
  if (word !== undefined) return `is a boolean in YAML 1.1 and text in YAML 1.2: write ${word}, or quote it`;
  if (dateLike.test(text)) return "is a date to some YAML readers and text to others: quote it";
  if (text === "<<") return "merges mappings where it is a key: quote it";
  if (!isNumberLike(text)) return undefined;
  if (!decimal.test(text) || Object.is(Number(text), -0)) {
    const meant = [...new Set(readingsOf(text))].filter(Number.isSafeInteger).join(" or ");
    return `means different things to different YAML readers: ${meant && `write ${meant}, or `}quote it`;
  }
  if (Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER) return "is too large to be read exactly: quote it";
  return undefined;
}

/** Whether a plain scalar is text to every reader, as the name of an option must be. */
export const isText = (text: string, inFlow: boolean): boolean =>
  !(inFlow && oddInFlow.test(text)) &&
  !isNumberLike(text) &&
  !dateLike.test(text) &&
  !/^(~|null|true|false|)$/i.test(text);

const isNumberLike = (text: string): boolean => numberLike.test(text.replaceAll("_", "")) && /^[-+.\d]/.test(text);

/** The numbers that readers take it for. */
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

/** What is wrong with a text, however it is quoted: the Pulumi engine writes and reads it once more, and loses it there. */
export const textProblem = (text: string): string | undefined =>
  /^[\n\t]/.test(text) && text.includes("\n")
    ? "is a text of several lines that begins with a line break or a tab: begin with the text"
    : undefined;
