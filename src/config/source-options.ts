import { z } from "zod";

/** `build.pypi`, `build.conda` and `build.apt_sources`: where the box gets packages from, besides `build.apt`. */

const address = (example: string) =>
  z
    .string("must be an address")
    .regex(
      /^https:\/\/[^\s/@"\\]+(\/[^\s@"\\]*)?$/,
      `must be an https address without credentials, for example \`${example}\`: the state stores it`,
    );

const keep = z
  .boolean("must be true or false")
  .default(false)
  .meta({ description: "Whether the box keeps using the mirror, or only first-run steps do.", examples: [true] });

export const pypiOptions = z
  .strictObject({
    mirror: address("https://mirror.example/pypi/simple").meta({
      description: "Address of the mirror's simple index.",
      examples: ["https://mirror.example/pypi/simple"],
    }),
    keep,
  })
  .meta({ description: "A mirror of PyPI, for uv, pip and pixi.", effect: "in place" });

export const condaOptions = z
  .strictObject({
    mirror: address("https://mirror.example/anaconda")
      .transform((one) => one.replace(/\/+$/, ""))
      .meta({
        description: "Address of the folder that has the channels, such as conda-forge.",
        examples: ["https://mirror.example/anaconda"],
      }),
    keep,
  })
  .meta({ description: "A mirror of conda's channels, for pixi.", effect: "in place" });

/** A word of a field in a file of apt's sources. */
const word = (what: string, example: string) =>
  z
    .string(`must be ${what}`)
    .regex(/^([A-Za-z0-9{][\w./+{}~-]*|\.?\/)$/, `must be ${what}, for example \`${example}\``);

/** A package source of a third party; apt accepts it only with the key here. */
const aptSource = z.strictObject({
  name: z
    .string("must be a name")
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be a name: a-z, 0-9 and `-`, for example `docker`")
    .meta({ description: "Names the files in the box.", examples: ["docker"] }),
  uri: z
    .string("must be an address")
    .regex(
      /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/,
      "must be an http or https address without credentials: the image stores it",
    )
    .meta({ description: "Address of the archive.", examples: ["https://apt.example/linux/debian"] }),
  suites: z
    .array(word("a suite", "{codename}"), "must be a list of suites")
    .min(1, "must name at least one suite")
    .default(["{codename}"])
    .meta({
      description:
        "Suites. `{codename}` stands for the distribution's, such as `trixie`. A suite that ends with `/` has no components.",
      examples: [["stable"]],
    }),
  components: z
    .array(word("a component", "main"), "must be a list of components")
    .default(["main"])
    .meta({ description: "Components of the suites.", examples: [["stable"]] }),
  key: z
    .string("must be a file")
    .min(1, "must name a file")
    .meta({
      description: "File with the archive's public key, as text (`.asc`) or binary (`.gpg`).",
      examples: ["keys/docker.asc"],
    }),
});

export const aptSourceOptions = z
  .array(aptSource, "must be a list of sources")
  .default([])
  .superRefine((sources, context) => {
    for (const [index, { name, suites, components }] of sources.entries()) {
      const problem = (key: "name" | "components", message: string): void =>
        context.addIssue({ code: "custom", path: [index, key], message });
      if (sources.findIndex((other) => other.name === name) < index)
        problem("name", `${name} is already used by another source`);
      if (suites.every((suite) => suite.endsWith("/")) && components.length > 0 && components[0] !== "main")
        problem("components", "must be omitted: a suite that ends with `/` has no components");
    }
  })
  .meta({ description: "Package sources of third parties. Their packages can be listed in `packages`." });

export type AptSourceOptions = z.output<typeof aptSourceOptions>;
