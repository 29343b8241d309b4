/** Ends a program with a message for its user: what failed, and how to fix it. Printed without a stack trace. */
export class UserError extends Error {}
