import { dump } from "js-yaml";
import type { LockedTool, ToolLock } from "../../config/tool-lock.ts";

/** `tools.lock.yml` with new contents. The comments above a tool stay above it. */
export function lockText(before: string, lock: ToolLock): string {
  const comments = commentsOf(before);
  return Object.entries(lock)
    .map(([id, tool]) => `${comments.get(id) ?? ""}${dump({ [id]: tool }, { lineWidth: -1, quoteStyle: "double" })}`)
    .join("");
}

/** The comments directly above each tool. */
function commentsOf(text: string): Map<string, string> {
  const comments = new Map<string, string>();
  let above = "";
  for (const line of text.split("\n")) {
    const [, name] = /^(?:"([^"]+)"|([^\s#:][^:]*)):/.exec(line)?.slice(0, 3).filter(Boolean) ?? [];
    if (line.startsWith("#")) above += `${line}\n`;
    else if (name !== undefined) {
      comments.set(name, above);
      above = "";
    }
  }
  return comments;
}

/** The changes of versions and checksums, a line each. */
export function changes(before: ToolLock, after: ToolLock): string[] {
  return Object.entries(after).flatMap(([id, tool]) => {
    const old = before[id] ?? {};
    const lines = tool.version === old.version ? [] : [`${id} ${old.version} -> ${tool.version}`];
    for (const [name, version] of Object.entries(tool.packages ?? {})) {
      if (version !== old.packages?.[name]) lines.push(`${name} ${old.packages?.[name]} -> ${version}`);
    }
    return [...lines, ...checksumChanges(id, old, tool)];
  });
}

function checksumChanges(id: string, old: LockedTool, tool: LockedTool): string[] {
  return (tool.sources ?? []).flatMap(({ from, sha256 = {} }) => {
    const known: Readonly<Record<string, string>> = old.sources?.find((source) => source.from === from)?.sha256 ?? {};
    const processors = [...new Set([...Object.keys(known), ...Object.keys(sha256)])];
    return processors.flatMap((processor) => {
      const now = (sha256 as Readonly<Record<string, string>>)[processor];
      if (now === known[processor]) return [];
      // Reported because a new checksum of the same version means that the publisher replaced the file.
      const what = known[processor] === undefined ? "was added" : now === undefined ? "was removed" : "changed";
      return [`${id}: the checksum for ${processor} from ${from} ${what}`];
    });
  });
}
