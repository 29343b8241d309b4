import { z } from "zod";
import { stackConfigSchema } from "../../src/config/stack-config.ts";
import { userConfigSchema } from "../../src/config/user-config.ts";

/** The reference page and the editors' schemas of the configuration files, from the schemas that read them. */

/** JSON Schema, and what `src/config/key-meta.ts` adds. */
export interface KeySchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly KeySchema[];
  readonly items?: KeySchema;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly additionalProperties?: KeySchema | boolean;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly defaultText?: string;
  readonly effect?: string;
}

const fromZod = (schema: z.ZodType): KeySchema =>
  z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // Left out by zod where a transformation follows, since they might be its results. Ours are values of the file.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (examples !== undefined) jsonSchema.examples = examples as unknown[];
      const { alternatives, minimum, maximum } = jsonSchema as { alternatives?: z.ZodType[] } & typeof jsonSchema;
      if (minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (alternatives === undefined) return;
      delete (jsonSchema as { alternatives?: unknown }).alternatives;
      jsonSchema.anyOf = alternatives.map((one) => fromZod(one) as z.core.JSONSchema.BaseSchema);
    },
  }) as KeySchema;

/** A key of a file with its path: `ssh.users[].uid`. */
export interface Key {
  readonly path: string;
  readonly schema: KeySchema;
  readonly isRequired: boolean;
  /** Of the key, or of the nearest mapping around it. */
  readonly effect: string | undefined;
}

export const userKeys = (): Key[] => keysOf(fromZod(userConfigSchema));
export const stackKeys = (): Key[] =>
  keysOf(fromZod(stackConfigSchema)).map((key) => ({ ...key, path: `benchbox:${key.path}` }));

function keysOf(schema: KeySchema, path = "", around: string | undefined = undefined): Key[] {
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const own = path === "" ? name : `${path}.${name}`;
    const effect = value.effect ?? around;
    const isRequired = schema.required?.includes(name) ?? false;
    return [{ path: own, schema: value, isRequired, effect }, ...keysOf(value, own, effect)];
  });
  const forms = (schema.anyOf ?? []).flatMap((form) => keysOf(form, path, around));
  return [...inside, ...forms, ...(schema.items ? keysOf(schema.items, `${path}[]`, around) : [])];
}

const head = `# Configuration

All keys of the two configuration files. This page is generated from the schemas in \`src/config/\`:
\`node tests/support/configuration-docs.ts\` renews it, and the JSON Schemas that editors use ([below](#editors)).

*On change* says what \`npm run up\` does when the value changes:

- *in place*: changes the running box.
- *new container*: replaces the container. Volumes stay; \`npm run preview\` lists the files that are in no volume.
- *new image*: builds the image and replaces the container, with the same consequences.
- *none*: the box stays as it is.
`;

const editors = `## Editors

\`docs/schema/\` has a JSON Schema for each file. The YAML language server (VS Code's YAML extension, Neovim, Helix) completes and explains
keys in a file that starts with such a comment:

\`\`\`yaml
# yaml-language-server: $schema=docs/schema/stack.json
\`\`\`

benchbox checks more than a schema can express, such as paths, references between the two files, and the host.
`;

/** The text of docs/configuration.md. */
export const configurationDocs = (): string =>
  [
    head,
    ...section("`user_config.yml`", "What the box is.", userKeys()),
    ...section(
      "`Pulumi.<stack>.yaml`",
      "Where and how the box runs. Each key is below `config:` and has the project's prefix, `benchbox:`.",
      stackKeys(),
    ),
    editors,
  ].join("\n");

const section = (title: string, about: string, keys: readonly Key[]): string[] => [
  `## ${title}`,
  "",
  about,
  "",
  "| key | type | default | on change | meaning |",
  "|---|---|---|---|---|",
  ...keys.map(rowOf),
  "",
];

function rowOf({ path, schema, isRequired, effect }: Key): string {
  const example = schema.examples?.map((one) => `\`${inYaml(one)}\``).join(" or ");
  const cells = [
    `\`${path}\``,
    typeOf(schema),
    isRequired ? "required" : defaultOf(schema),
    schema.properties !== undefined && schema.effect === undefined ? "" : (effect ?? ""),
    [schema.description, example && `Example: ${example}`].filter(Boolean).join(" "),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
}

function defaultOf({ default: value, defaultText, properties }: KeySchema): string {
  if (defaultText !== undefined) return defaultText;
  if (value === undefined) return properties === undefined ? "none" : "";
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? (properties === undefined ? "none" : "") : `\`${inYaml(value)}\``;
}

function typeOf({ type, const: constant, enum: values, items, anyOf, additionalProperties }: KeySchema): string {
  if (constant !== undefined) return `\`${inYaml(constant)}\``;
  if (values !== undefined) return values.map((value) => `\`${inYaml(value)}\``).join(", ");
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].filter(Boolean).join(", or ");
  if (type === "array") return `list of ${plural(typeOf(items ?? {}))}`;
  if (typeof additionalProperties === "object" && type === "object")
    return `mapping of names to ${plural(typeOf(additionalProperties))}`;
  const words: Readonly<Record<string, string>> = { object: "mapping", integer: "whole number", null: "`~`" };
  return [type ?? "any"]
    .flat()
    .map((one) => words[one] ?? one)
    .join(", or ");
}

const plural = (words: string): string =>
  /^[a-z ]+$/.test(words) ? words.replace(/^(\w+ )?(string|number|mapping|list)\b/, "$1$2s") : words;

/** A value as YAML in flow style. */
function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, one]) => `${key}: ${inYaml(one)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  const isPlain = typeof value !== "string" || /^[\w~/.][\w~/.*@+ =-]*(:[\w/.*@+-]+)*$/.test(value);
  const isAmbiguous = typeof value === "string" && /^([\d.e+-]+|true|false|null|yes|no|on|off|~)$/i.test(value);
  return isPlain && !isAmbiguous ? String(value) : JSON.stringify(value);
}

/** The files in docs/schema/, by name. */
export const editorSchemas = (): Record<string, string> => ({
  "user-config.json": textOf({ title: "user_config.yml of benchbox", ...forEditors(fromZod(userConfigSchema)) }),
  "stack.json": textOf(stackFile(forEditors(fromZod(stackConfigSchema)))),
});

/** The schema of a whole `Pulumi.<stack>.yaml`, which may have keys of Pulumi and of other projects. */
function stackFile({ properties, ...rest }: KeySchema): object {
  const prefixed = Object.entries(properties ?? {}).map(([key, value]) => [`benchbox:${key}`, value]);
  return {
    title: "Pulumi.<stack>.yaml of benchbox",
    type: "object",
    properties: {
      config: {
        ...rest,
        properties: Object.fromEntries(prefixed),
        patternProperties: { "^(?!benchbox:)": {} },
        additionalProperties: false,
      },
    },
  };
}

/** Without what only this project knows, which editors show as part of the description. */
function forEditors({ effect, defaultText, ...schema }: KeySchema, around?: string): KeySchema {
  const own = effect ?? around;
  const notes = [
    defaultText && `Default: ${defaultText}.`,
    schema.properties === undefined && own !== undefined && `On change: ${own}.`,
  ];
  const nested = (one: KeySchema): KeySchema => forEditors(one, own);
  const mapped = <T extends KeySchema>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, nested(value)]));
  return {
    ...schema,
    ...(schema.description && { description: [schema.description, ...notes].filter(Boolean).join(" ") }),
    ...(schema.properties && { properties: mapped(schema.properties) }),
    ...(schema.items && { items: nested(schema.items) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(nested) }),
  };
}

const textOf = (schema: object): string => `${JSON.stringify(schema, undefined, 2)}\n`;

if (import.meta.main) {
  const { mkdirSync, writeFileSync } = await import("node:fs");
  const docs = new URL("../../docs/", import.meta.url);
  mkdirSync(new URL("schema/", docs), { recursive: true });
  writeFileSync(new URL("configuration.md", docs), configurationDocs());
  for (const [name, text] of Object.entries(editorSchemas())) writeFileSync(new URL(`schema/${name}`, docs), text);
}
