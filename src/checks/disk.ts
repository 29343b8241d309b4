import { type CheckResult, error, notVisible, passed, warning } from "../model/check-result.ts";
import type { EngineDisk, EngineDisks } from "../observe/disks.ts";

/** Free disk space that a build needs, in GiB. Unpacked, the CUDA development image takes about 9, a Debian base less than 1. */
const buildGiB = { registry: 20, debootstrap: 2 } as const;
/** Free disk space in GiB that a running box needs at least. */
const lowGiB = 1;

/**
 * Checks the free disk space of the Docker Engine.
 *
 * @param disks undefined when they are not visible from this host
 * @param build the kind of base to build from; undefined when no build is needed
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
  const remedy = "free some space: docker system df shows what uses it, docker image prune removes unnamed images";
  if (build !== undefined && freeGiB < buildGiB[build]) {
    return error(subject, found, `about ${buildGiB[build]} GiB to build the box`, remedy);
  }
  return freeGiB < lowGiB ? warning(subject, found, `at least ${lowGiB} GiB`, remedy) : passed(subject, found);
}
