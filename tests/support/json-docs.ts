import { z } from "zod";
import { documents } from "../../src/cli/documents.ts";

interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

const head = `# JSON documents

Commands print these documents with \`--json\`. \`version\` changes when a key is renamed or removed, or means something else. New keys
can appear without a new \`version\`. This page is generated from \`src/cli/documents.ts\`:
\`node tests/support/json-docs.ts > docs/json.md\`.
`;

/** The text of docs/json.md. */
export const jsonDocs = (): string =>
  [head, ...Object.values(documents).map((document) => section(z.toJSONSchema(document) as Schema))].join("\n");

function section(document: Schema): string {
  return [
    `## \`${document.description}\``,
    "",
    "| key | type | meaning |",
    "|---|---|---|",
    ...rows(document, ""),
    "",
  ].join("\n");
}

/** A row for each key, followed by rows for the keys of nested objects, such as `drifts[].part`. */
function rows(schema: Schema, path: string): string[] {
  if (schema.type === "array") return rows(schema.items ?? {}, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    const presence = schema.required?.includes(key) ? "" : ", optional";
    return [
      `| \`${name}\` | ${typeOf(value)}${presence} | ${value.description ?? value.items?.description ?? ""} |`,
      ...rows(value, name),
    ];
  });
}

function typeOf({ type, const: constant, enum: values, items, additionalProperties }: Schema): string {
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (values !== undefined) return values.map((value) => `\`"${value}"\``).join(", ");
  if (type === "array") return `array of ${typeOf(items ?? {})}s`;
  if (typeof additionalProperties === "object") return `object of ${typeOf(additionalProperties)}s`;
  return type ?? "";
}

if (import.meta.main) console.log(jsonDocs().trimEnd());
