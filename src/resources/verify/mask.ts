import type { Needle } from "./needles.ts";

/** Hides the needles, all credentials in URLs, and the values of proxy variables in a text from an image. */
export function mask(text: string, needles: readonly Needle[]): string {
  let shown = text;
  for (const { bytes, what } of needles) {
    const value = bytes.toString().replace(/[^\w\s]/g, "\\$&");
    // The characters around it in the base64 belong to the same secret.
    const whole = what.includes("base64") ? `[\\w+/-]*${value}[\\w+/=-]*` : value;
    shown = shown.replace(new RegExp(whole, "g"), "***");
  }
  return shown
    .replace(/:\/\/[^/@\s"']*@/g, "://***@")
    .replace(/(\w*proxy[\w:-]*\s*[= ]\s*)("[^"]+"|'[^']+'|\S*(?::\/\/|:\d)\S*)/gi, "$1***");
}
