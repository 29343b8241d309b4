/** The contents of a backup. It is the archive's last file, so an archive without it is incomplete. */
export interface Manifest {
  readonly format: 1;
  /** Name of the backed-up box. */
  readonly box: string;
  readonly parts: readonly PartRecord[];
}

export interface PartRecord {
  /** Short name, for example `home-peid`; its file is `home-peid.tar`. */
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  /** When it was read, in ISO 8601. */
  readonly taken: string;
}

export const manifestName = "benchbox-backup.json";
export const partName = (key: string): string => `${key}.tar`;
