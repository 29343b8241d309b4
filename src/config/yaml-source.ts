import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  CORE_SCHEMA,
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  mergeTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from "js-yaml";
import { ConfigurationError, hiddenValue, isSecret, type Problem } from "../model/problem.ts";
import { ambiguityOf, isText, textProblem } from "./yaml-scalars.ts";

/** Keys and indices from the root of a document to a value. */
export type Path = readonly (string | number)[];

/** The value of a YAML file, with the line of each part of it. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Line (1-based) of the value at `path`, or of its nearest existing parent. */
  lineOf(path: Path): number;
}

/** YAML 1.2 with the merge keys (`<<`) of 1.1, which the Pulumi engine supports as well. */
const schema = CORE_SCHEMA.withTags(mergeTag);

/**
 * Reads YAML text that means the same to every parser. Text that YAML 1.1, YAML 1.2 and Go's yaml.v3 read as different values is refused.
 *
 * @param file name used in messages
 * @throws ConfigurationError when the text is not one well-formed YAML document, or is ambiguous
 */
export function readYaml(file: string, text: string): YamlSource {
  refuseAmbiguousCharacters(file, text);
  try {
    const events = parseEvents(text, { filename: file });
    const documents = constructFromEvents(events, { source: text, filename: file, schema });
    if (documents.length > 1) throw problemAt(file, 1, "contains several YAML documents (`---`); keep one");
    const { offsets, redirects, findings } = survey(events, text);
    const problems = findings.map(({ offset, path, message }): Problem => {
      return { file, line: lineAt(text, offset), path: pathText(path), message };
    });
    if (problems.length > 0) throw new ConfigurationError(problems);
    return {
      file,
      value: documents[0] ?? null,
      lineOf: (path) => lineAt(text, nearestOffset(offsets, redirects, path)),
    };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw problemAt(file, (error.mark?.line ?? 0) + 1, `is not valid YAML: ${error.reason}`);
  }
}

function refuseAmbiguousCharacters(file: string, text: string): void {
  const character = ambiguousCharacter.exec(text);
  if (character) {
    const fix = "write it as an escape in double quotes, or remove it";
    const message = `contains the character U+${codeOf(character[0])}, which not every YAML parser reads as text: ${fix}`;
    throw problemAt(file, lineAt(text, character.index), message);
  }
  const tab = ambiguousTab.exec(text);
  if (tab) throw problemAt(file, lineAt(text, tab.index), "is indented with a tab: use spaces");
}

/** A tab in an indentation, or after the `|` or `>` of a multi-line text. */
const ambiguousTab = /^[- ?:]*\t|[|>][-+\d]*\t/m;

/**
 * Line breaks of YAML 1.1 that 1.2 does not have, characters that Go's parser refuses, and the replacement characters of text that is
 * not UTF-8. A byte order mark is allowed only at the start.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters
const ambiguousCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffd-\uffff]|(?!^)\ufeff|\r(?!\n)/;

const codeOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");

function problemAt(file: string, line: number, message: string): ConfigurationError {
  return new ConfigurationError([{ file, line, path: "", message }]);
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** `["ssh", "users", 0, "uid"]` as `ssh.users[0].uid`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

type CollectionEvent = SequenceEvent | MappingEvent;

/** Whether a collection is written in brackets or braces, as in JSON. */
const isFlow = (collection: CollectionEvent | undefined): boolean => collection?.style === COLLECTION_STYLE.FLOW;

const isBlock = ({ style }: ScalarEvent): boolean =>
  style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;

interface Finding {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
}

interface Survey {
  /** Offset of each path's key or list item. */
  readonly offsets: Map<string, number>;
  /** For an alias, and for a mapping that merges others: the paths that its values come from. */
  readonly redirects: Map<string, Path[]>;
  readonly findings: Finding[];
}

/** Collects positions and problems from js-yaml's event stream; its value tree has neither positions nor quoting styles. */
function survey(events: readonly Event[], text: string): Survey {
  const found: Survey = { offsets: new Map(), redirects: new Map(), findings: [] };
  const anchors = new Map<string, Path>();
  const open = new Set<string>();
  let next = 0;

  const refuse = (offset: number, path: Path, message: string): void => {
    found.findings.push({ offset, path, message });
  };
  const wordAt = (start: number, end: number): string => text.slice(start, end);

  /** Records the properties of a node: `&anchor` and `!tag`. */
  const recordProperties = (
    event: Exclude<Event, { type: 1 | 5 | 6 }>,
    offset: number,
    path: Path,
  ): string | undefined => {
    if (event.tagStart >= 0) {
      const tag = wordAt(event.tagStart, event.tagEnd);
      refuse(offset, path, `has the tag ${tag}, which YAML parsers interpret differently: remove it, and quote text`);
    }
    if (event.anchorStart < 0) return undefined;
    const anchor = wordAt(event.anchorStart, event.anchorEnd);
    if (!/^[\w-]+$/.test(anchor) || /\S/.test(text.charAt(event.anchorEnd)))
      refuse(offset, path, `the anchor &${anchor} may contain only a-z, A-Z, 0-9, - and _, and a space must follow it`);
    anchors.set(anchor, path);
    return anchor;
  };

  const recordNode = (path: Path, keyOffset: number | undefined, parent?: CollectionEvent): void => {
    const event = events[next++];
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return;
    if (event.type === EVENT_ID.ALIAS) {
      const anchor = wordAt(event.anchorStart, event.anchorEnd);
      const offset = keyOffset ?? event.anchorStart;
      found.offsets.set(keyOf(path), offset);
      found.redirects.set(keyOf(path), [anchors.get(anchor) ?? []]);
      if (open.has(anchor)) refuse(offset, path, `uses *${anchor} inside &${anchor} itself: write the value`);
      return;
    }
    const offset = keyOffset ?? (event.type === EVENT_ID.SCALAR ? event.valueStart : event.start);
    found.offsets.set(keyOf(path), offset);
    const anchor = recordProperties(event, offset, path);
    if (event.type === EVENT_ID.SCALAR) {
      const value = getScalarValue(text, event);
      const isPlain = event.style === SCALAR_STYLE.PLAIN;
      const isCut = isBlock(event) && event.valueEnd >= text.length && !text.endsWith("\n");
      if (isCut && event.chomping !== CHOMPING_MODE.STRIP)
        refuse(offset, path, "is at the end of the file, which has no final line break: add one");
      const ambiguity = isPlain ? ambiguityOf(value, isFlow(parent)) : undefined;
      if (ambiguity !== undefined)
        refuse(offset, path, isSecret(path) ? `${hiddenValue} must be quoted` : `${value} ${ambiguity}`);
      const message = textProblem(value);
      if (message !== undefined) refuse(offset, path, message);
      return;
    }
    if (anchor !== undefined) open.add(anchor);
    if (event.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; !atPop(); index++) recordNode([...path, index], undefined, event);
    } else {
      const isBare = isFlow(event)
        ? text[event.start] !== "{"
        : keyOffset !== undefined && !text.slice(keyOffset, event.start).includes("\n");
      if (isBare)
        refuse(offset, path, "is a mapping to some YAML parsers only: write `{name: value}`, or quote the text");
      while (!atPop()) recordPair(path, event);
    }
    if (anchor !== undefined) open.delete(anchor);
    next++;
  };

  const recordPair = (path: Path, parent: CollectionEvent): void => {
    const key = events[next];
    if (key?.type !== EVENT_ID.SCALAR) {
      refuse(found.offsets.get(keyOf(path)) ?? 0, path, "has a key that is not text: use a name");
      recordNode([...path, "?"], undefined);
      recordNode([...path, "?"], undefined);
      return;
    }
    next++;
    const name = getScalarValue(text, key);
    const inside = [...path, name];
    recordProperties(key, key.valueStart, inside);
    const isMerge = key.style === SCALAR_STYLE.PLAIN && name === "<<";
    if (isFlow(parent) && key.style === SCALAR_STYLE.PLAIN && /^\s*:\S/.test(text.slice(key.valueEnd)))
      refuse(key.valueStart, inside, "has no space after its colon: add one");
    if (text.slice(key.valueStart, key.valueEnd).includes("\n"))
      refuse(key.valueStart, inside, "is a key that spans several lines: write it on one");
    if (name === "<<" && !isMerge) refuse(key.valueStart, inside, "is not allowed as a key: rename it");
    if (isMerge && found.offsets.has(keyOf(inside)))
      refuse(key.valueStart, inside, "appears twice: write one list, `<<: [*one, *other]`");
    if (key.style === SCALAR_STYLE.PLAIN && !isText(name, isFlow(parent)))
      refuse(key.valueStart, inside, `${name || "the key"} is not text when used as a key: quote it`);
    recordNode(inside, key.valueStart, parent);
    if (isMerge) found.redirects.set(keyOf(path), [inside, ...itemsOf(inside)]);
  };
  const itemsOf = (path: Path, index = 0): Path[] => {
    const item = [...path, index];
    return found.offsets.has(keyOf(item)) ? [item, ...itemsOf(path, index + 1)] : [];
  };

  const atPop = (): boolean => events[next] === undefined || events[next]?.type === EVENT_ID.POP;

  const [document] = events;
  if (document?.type === EVENT_ID.DOCUMENT && document.directives.length > 0) {
    refuse(0, [], "has a YAML directive (`%`), which YAML parsers interpret differently: remove it");
  }
  next++; // the event of the document itself
  recordNode([], undefined);
  return found;
}

function nearestOffset(offsets: Survey["offsets"], redirects: Survey["redirects"], path: Path): number {
  /**
   * The offset of a path; undefined if there is none. If the path itself has no offset, looks in the nodes that its longest existing
   * parent is an alias of, or merges.
   */
  const offsetAt = (one: Path): number | undefined => {
    const own = offsets.get(keyOf(one));
    if (own !== undefined || one.length === 0) return own;
    const length = one.findLastIndex((_, index) => offsets.has(keyOf(one.slice(0, index))));
    for (const other of redirects.get(keyOf(one.slice(0, length))) ?? []) {
      const offset = offsetAt([...other, ...one.slice(length)]);
      if (offset !== undefined) return offset;
    }
    return undefined;
  };
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetAt(path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, Math.max(0, offset)).split("\n").length;
}
