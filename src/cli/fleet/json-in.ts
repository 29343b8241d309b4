/** What a command printed as JSON, behind whatever else it said. */
export function jsonIn<T>(text: string): T | undefined {
  const start = text.startsWith("{") ? 0 : text.indexOf("\n{") + 1;
  try {
    return JSON.parse(text.slice(start)) as T;
  } catch {
    return undefined;
  }
}
