/** What the user must know to go on; shown without a stack trace. */
export class Problem extends Error {}
