import { createRequire } from "node:module";

/** Minimum length of a strong password. */
export const strongLength = 12;
/** Guesses that a strong password withstands, as a power of ten: the lower bound of zxcvbn's highest score, 4. */
export const strongGuesses = 10;

/** The rule as a phrase that follows "a password of". */
export const strongPasswordRule = `at least ${strongLength} characters that takes more than 10^${strongGuesses} guesses (zxcvbn score 4)`;

/**
 * The reason why a password is weak, as a clause that does not reveal it; undefined when it is strong.
 *
 * @param known words that an attacker tries first, for example the user name
 */
export function weaknessOf(password: string, known: readonly string[]): string | undefined {
  if (password.length < strongLength) return `it has fewer than ${strongLength} characters`;
  const { score, guessesLog10 } = loadEstimator().check(password, [...known]);
  if (score >= 4) return undefined;
  return `it takes about 10^${Math.max(1, Math.round(guessesLog10))} guesses`;
}

/** Loaded on demand: the dictionaries take a third of a second to load. */
function loadEstimator(): import("@zxcvbn-ts/core").ZxcvbnFactory {
  const require = createRequire(import.meta.url);
  const { ZxcvbnFactory }: typeof import("@zxcvbn-ts/core") = require("@zxcvbn-ts/core");
  const { dictionary, adjacencyGraphs }: typeof import("@zxcvbn-ts/language-common") =
    require("@zxcvbn-ts/language-common");
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
