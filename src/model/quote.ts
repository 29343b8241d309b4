/** Quotes `text` as a single POSIX shell word. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Quotes words as a POSIX shell command line. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(" ");
}
