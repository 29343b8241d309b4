import confirmPrompt from "@inquirer/confirm";
import inputPrompt from "@inquirer/input";
import { UserError } from "../model/user-error.ts";

/** Whether there is somebody to ask. */
export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

// The question goes to standard error: standard output is for what a command is called for.
const terminal = { output: process.stderr };

/**
 * Asks before something that cannot be undone.
 *
 * @param consequence what happens on yes, as a sentence
 * @param without the option that answers yes, for a run without a terminal
 * @throws UserError on no, or where there is no terminal
 */
export async function confirm(consequence: string, without: string): Promise<void> {
  if (!isInteractive()) throw new UserError(`${consequence} There is no terminal to ask on.\n  Fix: add ${without}`);
  const isYes = await answerOf(confirmPrompt({ message: `${consequence} Continue?`, default: false }, terminal));
  if (!isYes) throw cancelled();
}

/**
 * Asks for a word to be typed before data is lost for good.
 *
 * @throws UserError when another word is typed, or where there is no terminal
 */
export async function confirmByTyping(consequence: string, word: string, without: string): Promise<void> {
  if (!isInteractive()) throw new UserError(`${consequence} There is no terminal to ask on.\n  Fix: add ${without}`);
  const answer = await answerOf(inputPrompt({ message: `${consequence} Type ${word} to continue:` }, terminal));
  if (answer.trim() !== word) throw new UserError(`${answer.trim() || "nothing"} is not ${word}; nothing was changed`);
}

/** Asks for a value; without a terminal, or with `isQuiet`, takes the default. */
export async function ask(message: string, standard: string, isQuiet = false): Promise<string> {
  if (isQuiet || !isInteractive()) return standard;
  return answerOf(inputPrompt({ message, default: standard }, terminal));
}

const cancelled = (): UserError => new UserError("cancelled; nothing was changed");

/** Ctrl-C is an answer, too. */
const answerOf = <T>(prompt: Promise<T>): Promise<T> =>
  prompt.catch((error: unknown) => {
    throw error instanceof Error && error.name === "ExitPromptError" ? cancelled() : error;
  });
