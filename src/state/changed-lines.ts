/** A line of a resource that the Pulumi CLI refreshes or leaves as it is. */
const unchanged = /^ [ ~] {2}[a-z]+:[a-zA-Z:]+ \S+ (refresh|refreshing|running|)? *$/;

/** What the CLI prints into a pipe, without those lines. */
export async function* changedLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    const kept = lines.filter((line) => !unchanged.test(line));
    if (kept.length > 0) yield `${kept.join("\n")}\n`;
  }
  if (rest !== "") yield rest;
}
