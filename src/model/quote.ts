/** A POSIX shell word that stands for exactly `text`. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A POSIX shell command line that runs exactly these words. */
export function commandLine(words: readonly string[]): string {
  return words.map(quote).join(" ");
}
