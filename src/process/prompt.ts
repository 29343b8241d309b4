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
  if (!(await confirmPrompt({ message: `${consequence} Continue?`, default: false }, terminal)))
    throw new UserError("cancelled; nothing was changed");
}

/**
 * Asks for a word to be typed before data is lost for good.
 *
 * @throws UserError when another word is typed, or where there is no terminal
 */
export async function confirmByTyping(consequence: string, word: string, without: string): Promise<void> {
  if (!isInteractive()) throw new UserError(`${consequence} There is no terminal to ask on.\n  Fix: add ${without}`);
  const answer = await inputPrompt({ message: `${consequence} Type ${word} to continue:` }, terminal);
  if (answer.trim() !== word) throw new UserError(`${answer.trim() || "nothing"} is not ${word}; nothing was changed`);
}

/** Asks for a value; without a terminal, or with `isQuiet`, takes the default. */
export async function ask(message: string, standard: string, isQuiet = false): Promise<string> {
  if (isQuiet || !isInteractive()) return standard;
  return inputPrompt({ message, default: standard }, terminal);
}
