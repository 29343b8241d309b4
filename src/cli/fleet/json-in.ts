/** Parses the JSON at the end of a command's output; undefined without any. */
export function findJson<T>(text: string): T | undefined {
  const start = text.startsWith("{") ? 0 : text.indexOf("\n{") + 1;
  try {
    return JSON.parse(text.slice(start)) as T;
  } catch {
    return undefined;
  }
}
