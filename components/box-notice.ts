import * as pulumi from "@pulumi/pulumi";
import { boxNotice } from "../lib/box-notice.ts";
import type { BoxObservation } from "../observe/box.ts";

/** Says of a box that stands still that `up` starts it: in the plan it is a step among others. */
export async function announce(seen: BoxObservation): Promise<void> {
  const notice = boxNotice(seen);
  if (notice !== undefined) await pulumi.log.info(notice);
}
