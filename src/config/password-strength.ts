import { createRequire } from "node:module";

/** Characters that a strong password has at least. */
export const strongLength = 12;
/** Guesses that a strong password withstands at least, as a power of ten: zxcvbn's best class, 4. */
export const strongGuesses = 10;

/** The rule in words, as the end of a sentence. */
export const strongPasswordRule = `at least ${strongLength} characters that take more than 10^${strongGuesses} guesses (zxcvbn's class 4)`;

/**
 * Why a password is weak, in words that do not show it; undefined when it is strong.
 *
 * @param known words that an attacker tries first, for example the user's name
 */
export function weaknessOf(password: string, known: readonly string[]): string | undefined {
  if (password.length < strongLength) return `it has fewer than ${strongLength} characters`;
  const { score, guessesLog10 } = estimator().check(password, [...known]);
  if (score >= 4) return undefined;
  return `it takes about 10^${Math.max(1, Math.round(guessesLog10))} guesses`;
}

/** Loaded only where a password has to be judged: its dictionaries take a third of a second. */
function estimator(): import("@zxcvbn-ts/core").ZxcvbnFactory {
  const require = createRequire(import.meta.url);
  const { ZxcvbnFactory }: typeof import("@zxcvbn-ts/core") = require("@zxcvbn-ts/core");
  const { dictionary, adjacencyGraphs }: typeof import("@zxcvbn-ts/language-common") =
    require("@zxcvbn-ts/language-common");
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
