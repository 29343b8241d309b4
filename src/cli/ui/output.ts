/** Whether to colour standard output: it is a terminal, and NO_COLOR is not set. */
export const hasColour = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

export const printJson = (value: unknown): void => console.log(JSON.stringify(value, undefined, 2));
