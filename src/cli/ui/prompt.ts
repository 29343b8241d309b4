import confirmPrompt from "@inquirer/confirm";
import inputPrompt from "@inquirer/input";
import { UserError } from "../../model/user-error.ts";

/** Whether a person can answer questions: standard input and standard error are terminals. */
export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

// Prompts go to standard error, because standard output is for a command's result.
const terminal = { output: process.stderr };

/**
 * Asks for confirmation before an action that cannot be undone.
 *
 * @param consequence what happens on yes, as a sentence
 * @param option the option that answers yes, for runs without a terminal
 * @throws UserError on no, or without a terminal
 */
export async function confirm(consequence: string, option: string): Promise<void> {
  if (!isInteractive()) throw unattended(consequence, option);
  if (!(await confirmPrompt({ message: `${consequence} Continue?`, default: false }, terminal)))
    throw new UserError("cancelled; nothing was changed");
}

/**
 * Asks the user to type a word before data is lost permanently.
 *
 * @throws UserError for another word, or without a terminal
 */
export async function confirmByTyping(consequence: string, word: string, option: string): Promise<void> {
  if (!isInteractive()) throw unattended(consequence, option);
  const answer = await inputPrompt({ message: `${consequence} Type ${word} to continue:` }, terminal);
  if (answer.trim() !== word) throw new UserError(`${answer.trim() || "nothing"} is not ${word}; nothing was changed`);
}

const unattended = (consequence: string, option: string): UserError =>
  new UserError(`${consequence} This needs confirmation, and there is no terminal.\n  Fix: add ${option}`);

/** Asks for a value; returns the default without a terminal or with `isQuiet`. */
export async function ask(message: string, standard: string, isQuiet = false): Promise<string> {
  if (isQuiet || !isInteractive()) return standard;
  return inputPrompt({ message, default: standard }, terminal);
}
