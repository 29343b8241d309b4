import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { cdiKind } from "../model/gpu.ts";

/** A GPU in a CDI specification on this computer. */
export interface CdiDevice {
  /** `all`, `0`, `GPU-…` */
  readonly name: string;
  /** The specification's file. */
  readonly specification: string;
  /** Missing files that a container with this GPU needs: its start fails at the first. */
  readonly missing: readonly string[];
}

const edits = z.object({
  deviceNodes: z
    .array(z.object({ path: z.string(), hostPath: z.string().optional(), major: z.number().optional() }))
    .optional(),
  mounts: z.array(z.object({ hostPath: z.string() })).optional(),
  hooks: z.array(z.object({ path: z.string() })).optional(),
});
/** The parts of https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md that benchbox reads. */
const specification = z.object({
  kind: z.literal(cdiKind.slice(0, -1)),
  devices: z.array(z.object({ name: z.string(), containerEdits: edits.optional() })),
  containerEdits: edits.optional(),
});

/**
 * The GPUs in the specifications in these folders. Of two with the same name the one in the later folder wins, as in the Docker
 * Engine; files that the Docker Engine could not use are skipped.
 */
export async function observeCdi(folders: readonly string[]): Promise<CdiDevice[]> {
  const found = new Map<string, CdiDevice>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((name) => /\.(json|yaml)$/.test(name)).map((name) => join(folder, name));
    const devices = await Promise.all(files.sort().map(readDevices));
    for (const device of devices.flat()) found.set(device.name, device);
  }
  return [...found.values()];
}

async function readDevices(file: string): Promise<CdiDevice[]> {
  const read = await readFile(file, "utf8")
    .then(load)
    .catch(() => undefined);
  const { data } = specification.safeParse(read);
  if (data === undefined) return [];
  const shared = filesOf(data.containerEdits);
  const missing = await Promise.all(
    data.devices.map(({ containerEdits }) => missingOf([...shared, ...filesOf(containerEdits)])),
  );
  return data.devices.map(({ name }, index) => ({ name, specification: file, missing: missing[index] ?? [] }));
}

const filesOf = ({ deviceNodes = [], mounts = [], hooks = [] }: z.infer<typeof edits> = {}): string[] => [
  // A device node described by its numbers need not exist.
  ...deviceNodes.flatMap(({ path, hostPath, major }) => (major === undefined ? [hostPath ?? path] : [])),
  ...mounts.map(({ hostPath }) => hostPath),
  ...hooks.map(({ path }) => path),
];

async function missingOf(files: readonly string[]): Promise<string[]> {
  const isGone = await Promise.all(files.map((file) => stat(file).then(() => false, isAbsence)));
  return files.filter((_, index) => isGone[index]);
}

/** False where this user may not access the path: the file may exist. */
const isAbsence = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
