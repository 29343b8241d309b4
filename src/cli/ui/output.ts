import { styleText } from "node:util";

/** Whether to colour standard output. Node decides it from the terminal, NO_COLOR and FORCE_COLOR. */
export const hasColour = (): boolean => styleText("red", "x") !== "x";

export const printJson = (value: unknown): void => console.log(JSON.stringify(value, undefined, 2));
