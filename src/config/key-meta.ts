/** What happens to a box when the value of a key changes. */
export type Effect =
  | "in place"
  | "new container"
  | "new image"
  | "another box"
  | "as the key it overrides"
  /** The key matters to commands, downloads or messages only. */
  | "none";

/** What the schemas of the configuration files say about their keys; `tests/support/configuration-docs.ts` turns it into documents. */
declare module "zod" {
  interface GlobalMeta {
    /** The default in words, where the schema has none because it depends on something else. */
    defaultText?: string;
    /** Keys inside a mapping have the effect of the mapping unless they have their own. */
    effect?: Effect;
    /** The schemas (zod) that a transformation selects from. */
    alternatives?: readonly object[];
  }
}
