import { roundedSize } from "./size.ts";

/** A file of a container that is outside its volumes and differs from its image. */
export interface UnsavedFile {
  readonly path: string;
  /** Size; undefined when the container is stopped, since only a program in it can measure it. */
  readonly bytes?: number | undefined;
}

/** Maximum number of listed folders, so that the message fits on one screen. */
const shownFolders = 10;

/** Files that are temporary, or that each start of the box writes again. */
const disposable: readonly RegExp[] = [
  /^\/(dev|proc|run|sys|tmp|var\/cache|var\/log|var\/run|var\/tmp)\//,
  /^\/var\/lib\/(apt|benchbox|sudo|systemd)\//,
  /^\/(etc\/benchbox|etc\/ssh\/benchbox|etc\/ssl\/certs|usr\/local\/share\/ca-certificates\/benchbox)(\/|$)/,
  // Each start sets the users' shells, groups and ids again. An account that somebody added is reported by its home.
  /^\/etc\/(passwd-?|group-?|shadow-?|gshadow-?|sub[ug]id-|\.pwd\.lock)$/,
  /^\/etc\/(ld\.so\.cache|ca-certificates\.conf|environment)$/,
  /^\/etc\/(security\/pam_env\.conf|profile\.d\/benchbox\.sh|sudoers\.d\/benchbox(-user-.*)?)$/,
  /^\/usr\/sbin\/docker-init$/, // a mount point of the Docker Engine
  /\/__pycache__\/|\.pyc$|^\/root\/\.(bash_history|cache\/|lesshst|wget-hsts)/,
];

/** Driver files that the NVIDIA runtime mounts into a container over empty files. */
const driverFile = /\/(lib(cuda|nvidia|nvcuvid|nvoptix|EGL_nvidia|GL\w*_nvidia|vdpau_nvidia)[^/]*|nvidia[^/]*)$/;

/**
 * The added and changed files in the output of `docker diff`, without disposable ones.
 *
 * @param mounted mount points of volumes and folders, which are not files
 */
export function readDiff(diff: string, mounted: readonly string[]): string[] {
  const paths = diff.split("\n").flatMap((line) => /^[AC] (\/.+)$/.exec(line)?.[1] ?? []);
  const folders = new Set([...paths, ...mounted].flatMap(foldersAround));
  return paths.filter(
    (path) => !folders.has(path) && !mounted.includes(path) && !disposable.some((one) => one.test(path)),
  );
}

function foldersAround(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

const lostOf = (files: readonly UnsavedFile[]): UnsavedFile[] =>
  files.filter(({ path, bytes }) => !(bytes === 0 && driverFile.test(path)));

/** A short description of the files that would be lost; empty when there are none. */
export function describeLoss(files: readonly UnsavedFile[]): string {
  const lost = lostOf(files);
  if (lost.length === 0) return "";
  const knowsSizes = lost.every(({ bytes }) => bytes !== undefined);
  const total = lost.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return `${filesText(lost.length)} outside volumes${knowsSizes ? `, ${roundedSize(total)}` : ""}`;
}

/** The warning before the container is replaced or removed; empty when no files would be lost. */
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
    `The container will be ${what}. Files in ${kept.join(", ")} are kept. These files are elsewhere and will be LOST ` +
      `(${filesText(lost.length)}${knowsSizes ? `, ${roundedSize(total)}` : "; start the box to see sizes"}):`,
    ...rows.slice(0, shownFolders).map(row),
    ...(more > 0 ? [`  and ${more} more folder${more === 1 ? "" : "s"}; to list all: docker diff`] : []),
    "Before you continue, move the files that you need to a folder that is kept. " +
      "Add what you installed to build.packages or custom.on_build.",
  ].join("\n");
}

/** The folder that a file is listed under: two levels deep, and three below /usr/local and /var/lib. */
function folderOf(path: string): string {
  const depth = /^\/(usr\/local|var\/lib)\//.test(path) ? 3 : 2;
  return `/${path.split("/").slice(1, -1).slice(0, depth).join("/")}`;
}

const filesText = (count: number): string => `${count} file${count === 1 ? "" : "s"}`;
