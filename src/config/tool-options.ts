import { z } from "zod";
import { official, officialSites } from "../model/tool-sources.ts";

/** `benchbox:tools`: how this machine gets the tools of `custom.on_first_run`. */

const mirror = z
  .string("must be an address")
  .refine(
    (address) => address === official || /^https:\/\/[^\s/@]+(\/[^\s@]*)?$/.test(address),
    `must be an https address without a login, or \`${official}\``,
  );

const sites = Object.keys(officialSites) as (keyof typeof officialSites)[];

export const toolOptions = z
  .strictObject({
    /** `locked`: the versions of tools.lock.yml. `latest`: the publishers' newest when a tool is installed; it stays until `--upgrade`. */
    policy: z.enum(["locked", "latest"], 'must be "locked" or "latest"').default("locked"),
    /** Steps that this machine can do without: when one fails, the `up` does not. */
    not_required: z.array(z.string("must be the name of a step")).default([]),
    /** For some sites the places that are asked instead, in this order; `official` is the site itself. */
    mirrors: z
      .partialRecord(
        z.enum(sites, `must be one of: ${sites.join(", ")}`),
        z
          .array(mirror, "must be a list of addresses")
          .min(1, "must name at least one; leave it out for the site itself"),
      )
      .default({}),
  })
  .prefault({});
