import { UserError } from "../../model/user-error.ts";
/** The image could not be looked at, or not as a whole: neither clean nor not. The message is for the user. */
export class CannotCheck extends UserError {}
