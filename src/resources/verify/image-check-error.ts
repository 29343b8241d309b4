import { UserError } from "../../model/user-error.ts";

/** The image, or a part of it, could not be checked, so it is neither clean nor not. */
export class ImageCheckError extends UserError {}
