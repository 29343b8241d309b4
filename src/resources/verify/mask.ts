import type { Needle } from "./needles.ts";

/** What may be shown of a text from an image: proxies' values, anyone's credentials and what proxy variables are set to are hidden. */
export function mask(text: string, needles: readonly Needle[]): string {
  let shown = text;
  for (const { bytes, what } of needles) {
    const value = bytes.toString().replace(/[^\w\s]/g, "\\$&");
    // What is around it in the base64 is of the same secret.
    const whole = what.includes("base64") ? `[\\w+/-]*${value}[\\w+/=-]*` : value;
    shown = shown.replace(new RegExp(whole, "g"), "***");
  }
  return shown
    .replace(/:\/\/[^/@\s"']*@/g, "://***@")
    .replace(/(\w*proxy[\w:-]*\s*[= ]\s*)("[^"]+"|'[^']+'|\S*(?::\/\/|:\d)\S*)/gi, "$1***");
}
