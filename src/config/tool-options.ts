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
    /** `locked`: the versions of tools.lock.yml. `latest`: the newest version when a tool is installed; it stays until `--upgrade`. */
    policy: z.enum(["locked", "latest"], 'must be "locked" or "latest"').default("locked"),
    /** Steps whose failure does not make `up` fail. */
    not_required: z.array(z.string("must be the name of a step")).default([]),
    /** Addresses to use instead of a site, in the order they are tried; `official` is the site itself. */
    mirrors: z
      .partialRecord(
        z.enum(sites, `must be one of: ${sites.join(", ")}`),
        z
          .array(mirror, "must be a list of addresses")
          .min(1, "must list at least one address; omit the key to use the site itself"),
      )
      .default({}),
  })
  .prefault({});
