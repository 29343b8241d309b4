import type { Build } from "../model/machine.ts";
import { officialSites } from "../model/tool-sources.ts";

/** The channel's own address is a folder of this one. */
const condaSite = officialSites.conda.replace(/\/[^/]*$/, "");

/**
 * The settings of uv, pip and pixi for the whole box, with which it keeps using mirrors: a file in /etc, and its content. The users' own
 * settings override them.
 */
export function keptSources({ pypi, conda }: Pick<Build, "pypi" | "conda">): [file: string, text: string][] {
  const index = pypi?.keep ? pypi.mirror : undefined;
  const channels = conda?.keep ? conda.mirror : undefined;
  const files: [string, string][] = [];
  if (index !== undefined) {
    files.push(["/etc/pip.conf", `[global]\nindex-url = ${index.replaceAll("%", "%%")}\n`]);
    files.push(["/etc/uv/uv.toml", `[[index]]\nurl = "${index}"\ndefault = true\n`]);
  }
  const pixi = [
    ...(channels === undefined ? [] : ["[mirrors]", `"${condaSite}" = ["${channels}"]`]),
    ...(index === undefined ? [] : ["[pypi-config]", `index-url = "${index}"`]),
  ];
  if (pixi.length > 0) files.push(["/etc/pixi/config.toml", pixi.map((line) => `${line}\n`).join("")]);
  return files;
}
