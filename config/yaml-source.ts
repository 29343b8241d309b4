import { constructFromEvents, EVENT_ID, type Event, getScalarValue, parseEvents, YAMLException } from "js-yaml";
import { ConfigurationError } from "./problem.ts";

export type Path = readonly (string | number)[];

/** A YAML file's value together with where each part of it stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Line (from 1) of the value at `path`, or of its nearest parent that exists. */
  lineOf(path: Path): number;
}

/**
 * Reads YAML text.
 *
 * @param file name used in messages
 * @throws ConfigurationError when the text is not one well-formed YAML document
 */
export function readYaml(file: string, text: string): YamlSource {
  try {
    const events = parseEvents(text, { filename: file });
    const documents = constructFromEvents(events, { source: text, filename: file });
    if (documents.length > 1) throw problemAt(file, 1, "holds several YAML documents (`---`); write one");
    const offsets = offsetsByPath(events, text);
    return {
      file,
      value: documents[0] ?? null,
      lineOf: (path) => lineAt(text, nearestOffset(offsets, path)),
    };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw problemAt(file, (error.mark?.line ?? 0) + 1, `is not valid YAML: ${error.reason}`);
  }
}

function problemAt(file: string, line: number, message: string): ConfigurationError {
  return new ConfigurationError([{ file, line, path: "", message }]);
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** js-yaml's value tree has no positions, its event stream has: walk the stream and note where each path's key starts. */
function offsetsByPath(events: readonly Event[], text: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let next = 0;

  const recordNode = (path: Path, keyOffset: number | undefined): void => {
    const event = events[next++];
    if (event === undefined) return;
    switch (event.type) {
      case EVENT_ID.SCALAR:
        offsets.set(keyOf(path), keyOffset ?? event.valueStart);
        break;
      case EVENT_ID.ALIAS:
        offsets.set(keyOf(path), keyOffset ?? event.anchorStart);
        break;
      case EVENT_ID.SEQUENCE:
        offsets.set(keyOf(path), keyOffset ?? event.start);
        for (let index = 0; !atPop(); index++) recordNode([...path, index], undefined);
        next++;
        break;
      case EVENT_ID.MAPPING:
        offsets.set(keyOf(path), keyOffset ?? event.start);
        while (!atPop()) {
          const key = events[next];
          if (key?.type === EVENT_ID.SCALAR) {
            next++;
            recordNode([...path, getScalarValue(text, key)], key.valueStart);
          } else {
            recordNode([...path, "?"], undefined);
            recordNode([...path, "?"], undefined);
          }
        }
        next++;
        break;
    }
  };
  const atPop = (): boolean => events[next] === undefined || events[next]?.type === EVENT_ID.POP;

  next++; // the document's own event
  recordNode([], undefined);
  return offsets;
}

function nearestOffset(offsets: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsets.get(keyOf(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, Math.max(0, offset)).split("\n").length;
}
