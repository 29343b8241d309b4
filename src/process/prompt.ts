import confirmPrompt from "@inquirer/confirm";
import inputPrompt from "@inquirer/input";
import { UserError } from "../model/user-error.ts";

/** Whether a user can answer prompts: standard input and standard error are terminals. */
export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

// Prompts go to standard error; standard output is for the result of a command.
const terminal = { output: process.stderr };

/**
 * Asks for confirmation before an action that cannot be undone.
 *
 * @param consequence the consequence of the action, as a sentence
 * @param without the option that confirms the action without a terminal
 * @throws UserError on no, or where there is no terminal
 */
export async function confirm(consequence: string, without: string): Promise<void> {
  if (!isInteractive()) throw new UserError(`${consequence} There is no terminal to ask on.\n  Fix: add ${without}`);
  const isYes = await answerOf(confirmPrompt({ message: `${consequence} Continue?`, default: false }, terminal));
  if (!isYes) throw cancelled();
}

/**
 * Asks the user to type a word before data is permanently lost.
 *
 * @throws UserError when another word is typed, or where there is no terminal
 */
export async function confirmByTyping(consequence: string, word: string, without: string): Promise<void> {
  if (!isInteractive()) throw new UserError(`${consequence} There is no terminal to ask on.\n  Fix: add ${without}`);
  const answer = await answerOf(inputPrompt({ message: `${consequence} Type ${word} to continue:` }, terminal));
  if (answer.trim() !== word) throw new UserError(`${answer.trim() || "nothing"} is not ${word}; nothing was changed`);
}

/** Asks for a value; returns the default without a terminal, or with `isQuiet`. */
export async function ask(message: string, standard: string, isQuiet = false): Promise<string> {
  if (isQuiet || !isInteractive()) return standard;
  return answerOf(inputPrompt({ message, default: standard }, terminal));
}

const cancelled = (): UserError => new UserError("cancelled; nothing was changed");

/** The answer to a prompt. Ctrl-C cancels the command. */
const answerOf = <T>(prompt: Promise<T>): Promise<T> =>
  prompt.catch((error: unknown) => {
    throw error instanceof Error && error.name === "ExitPromptError" ? cancelled() : error;
  });
