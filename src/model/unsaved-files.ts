import { roundedSize } from "./size.ts";

/** A file of a container that is in no volume and not as its image has it. */
export interface UnsavedFile {
  readonly path: string;
  /** Undefined when the container stands still: then nothing can be run in it that would tell. */
  readonly bytes?: number | undefined;
}

/** How many folders are listed: with the sentences around them they fit on one screen. */
const shownFolders = 10;

/** What comes and goes by itself, or is written anew at each start. Nobody misses it. */
const unimportant: readonly RegExp[] = [
  /^\/(dev|proc|run|sys|tmp|var\/cache|var\/log|var\/run|var\/tmp)\//,
  /^\/var\/lib\/(apt|benchbox|sudo|systemd)\//,
  /^\/(etc\/benchbox|etc\/ssh\/benchbox|etc\/ssl\/certs|usr\/local\/share\/ca-certificates\/benchbox)(\/|$)/,
  /^\/etc\/(shadow-?|passwd-|group-|gshadow-?|\.pwd\.lock|ld\.so\.cache|ca-certificates\.conf|environment)$/,
  /^\/etc\/(security\/pam_env\.conf|profile\.d\/benchbox\.sh|sudoers\.d\/benchbox(-user-.*)?)$/,
  /^\/usr\/sbin\/docker-init$/, // a mount point of the engine's
  /\/__pycache__\/|\.pyc$|^\/root\/\.(bash_history|cache\/|lesshst|wget-hsts)/,
];

/** Files that the NVIDIA runtime lays into a container are mounts over empty ones. */
const driverFile = /\/(lib(cuda|nvidia|nvcuvid|nvoptix|EGL_nvidia|GL\w*_nvidia|vdpau_nvidia)[^/]*|nvidia[^/]*)$/;

/**
 * The files that `docker diff` tells of: added or changed ones, without what nobody misses.
 *
 * @param mounted where volumes and folders are mounted: a mount point is no file
 */
export function readDiff(diff: string, mounted: readonly string[]): string[] {
  const paths = diff.split("\n").flatMap((line) => /^[AC] (\/.+)$/.exec(line)?.[1] ?? []);
  const folders = new Set([...paths, ...mounted].flatMap(foldersAround));
  return paths.filter(
    (path) => !folders.has(path) && !mounted.includes(path) && !unimportant.some((one) => one.test(path)),
  );
}

function foldersAround(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

const lostOf = (files: readonly UnsavedFile[]): UnsavedFile[] =>
  files.filter(({ path, bytes }) => !(bytes === 0 && driverFile.test(path)));

/** In a few words; empty when nothing would be lost. */
export function describeLoss(files: readonly UnsavedFile[]): string {
  const lost = lostOf(files);
  if (lost.length === 0) return "";
  const knowsSizes = lost.every(({ bytes }) => bytes !== undefined);
  const total = lost.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return `${filesText(lost.length)} in no volume${knowsSizes ? `, ${roundedSize(total)}` : ""}`;
}

/** The sentences that tell of them before the container goes; empty when nothing would be lost. */
export function describeUnsaved(
  files: readonly UnsavedFile[],
  kept: readonly string[],
  what: "replaced" | "removed" = "replaced",
): string {
  const lost = lostOf(files);
  if (lost.length === 0) return "";
  const folders = new Map<string, { count: number; bytes: number }>();
  for (const { path, bytes } of lost) {
    const folder = folderOf(path);
    const sum = folders.get(folder) ?? { count: 0, bytes: 0 };
    folders.set(folder, { count: sum.count + 1, bytes: sum.bytes + (bytes ?? 0) });
  }
  const knowsSizes = lost.every(({ bytes }) => bytes !== undefined);
  const rows = [...folders].sort(([a, x], [b, y]) => y.bytes - x.bytes || y.count - x.count || a.localeCompare(b));
  const row = ([folder, { count, bytes }]: (typeof rows)[number]): string =>
    `  ${knowsSizes ? `${roundedSize(bytes).padStart(9)}  ` : ""}${filesText(count).padStart(12)}  ${folder}`;
  const more = rows.length - shownFolders;
  const total = lost.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return [
    `The container will be ${what}. What is in ${kept.join(", ")} stays. This is elsewhere and will be LOST ` +
      `(${filesText(lost.length)}${knowsSizes ? `, ${roundedSize(total)}` : "; start the box to see sizes, too"}):`,
    ...rows.slice(0, shownFolders).map(row),
    ...(more > 0 ? [`  and ${more} more folder${more === 1 ? "" : "s"}; see all: docker diff`] : []),
    "Move there what you want to keep, now; what you installed belongs into build.packages or custom.on_build.",
  ].join("\n");
}

/** The folder that a file is counted in: two names deep, and three below /usr/local and /var/lib. */
function folderOf(path: string): string {
  const depth = /^\/(usr\/local|var\/lib)\//.test(path) ? 3 : 2;
  return `/${path.split("/").slice(1, -1).slice(0, depth).join("/")}`;
}

const filesText = (count: number): string => `${count} file${count === 1 ? "" : "s"}`;
