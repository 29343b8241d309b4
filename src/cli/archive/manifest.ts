/** What a backup is, written as its last file: one without it is not complete. */
export interface Manifest {
  readonly format: 1;
  /** Name of the box that it was made of. */
  readonly box: string;
  readonly parts: readonly PartRecord[];
}

export interface PartRecord {
  /** Short name, for example `home-peid`; its file is `home-peid.tar`. */
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  /** When it was read, in ISO form. */
  readonly taken: string;
}

export const manifestName = "benchbox-backup.json";
export const partName = (key: string): string => `${key}.tar`;
