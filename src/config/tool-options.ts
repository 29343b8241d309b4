import { z } from "zod";
import { official, officialSites } from "../model/tool-sources.ts";

/** `benchbox:tools`: how the box gets the tools of `custom.on_first_run`. */

const mirror = z
  .string("must be an address")
  .refine(
    (address) => address === official || /^https:\/\/[^\s/@]+(\/[^\s@]*)?$/.test(address),
    `must be an https address without credentials, or \`${official}\``,
  );

const sites = Object.keys(officialSites) as (keyof typeof officialSites)[];

export const toolOptions = z
  .strictObject({
    policy: z
      .enum(["locked", "latest"], 'must be "locked" or "latest"')
      .default("locked")
      .meta({
        description:
          "`locked`: the versions of tools.lock.yml. `latest`: the newest version when a tool is installed; it stays until `--upgrade`.",
        examples: ["latest"],
      }),
    not_required: z
      .array(z.string("must be the name of a step"))
      .default([])
      .meta({
        description: "Steps whose failure does not make `up` fail.",
        examples: [["pixi", "clash-rs"]],
        effect: "none",
      }),
    mirrors: z
      .partialRecord(
        z.enum(sites, `must be one of: ${sites.join(", ")}`),
        z
          .array(mirror, "must be a list of addresses")
          .min(1, "must list at least one address; omit the key to use the site itself"),
      )
      .default({})
      .meta({
        description: "Addresses to use instead of a site, in the order they are tried; `official` is the site itself.",
        examples: [{ github: ["https://mirror.example.org/github", "official"] }],
        effect: "none",
      }),
  })
  .prefault({})
  .meta({ description: "How the box gets the tools of `custom.on_first_run`.", effect: "in place" });
