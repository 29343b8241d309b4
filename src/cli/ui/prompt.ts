export * from "../../process/prompt.ts";
