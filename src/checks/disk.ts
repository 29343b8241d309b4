import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import type { EngineDisk, EngineDisks } from "../observe/disks.ts";

/** Free disk space that a build needs, in GiB: the CUDA development image unpacks to about 9, a Debian base to less than 1. */
const buildGiB = { registry: 20, debootstrap: 2 } as const;
/** Below this a box's own work soon stands still. */
const lowGiB = 1;

/**
 * @param disks undefined when they cannot be seen from here
 * @param build what is to be built; undefined when the image is there
 */
export function evaluateDisks(
  disks: EngineDisks | undefined,
  build: "registry" | "debootstrap" | undefined,
): CheckResult[] {
  if (disks === undefined) return notVisible("free disk");
  const { images, volumes } = disks;
  return [
    ...evaluateDisk("free disk", images, build),
    ...(volumes === undefined ? [] : evaluateDisk("free disk for volumes", volumes, undefined)),
  ];
}

function evaluateDisk(
  subject: string,
  { folder, freeBytes }: EngineDisk,
  build: "registry" | "debootstrap" | undefined,
): CheckResult[] {
  const freeGiB = freeBytes / 2 ** 30;
  const found = `${freeGiB.toFixed(1)} GiB in ${folder}`;
  const remedy = "docker system df shows what is used, docker image prune removes images without a name";
  if (build !== undefined && freeGiB < buildGiB[build]) {
    return error(subject, found, `about ${buildGiB[build]} GiB to build the box`, remedy);
  }
  return freeGiB < lowGiB ? warning(subject, found, `${lowGiB} GiB to work with`, remedy) : passed(subject, found);
}
