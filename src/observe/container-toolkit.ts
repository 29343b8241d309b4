import { askProgram } from "../process/run-program.ts";

/** Version of the NVIDIA Container Toolkit; undefined when it is not installed. Its oldest versions have no nvidia-ctk. */
export async function askToolkit(): Promise<string | undefined> {
  const [ctk, cli] = await Promise.all([
    askProgram("nvidia-ctk", ["--version"]),
    askProgram("nvidia-container-cli", ["--version"]),
  ]);
  return toolkitVersion(ctk.stdout) ?? toolkitVersion(cli.stdout);
}

/** Parses `NVIDIA Container Toolkit CLI version 1.17.8` or, from nvidia-container-cli, `cli-version: 1.17.8`. */
export function toolkitVersion(text: string): string | undefined {
  return /^(?:NVIDIA Container Toolkit CLI version|cli-version:|version:) v?(\d+\.\d+\.\d+\S*)/m.exec(text)?.[1];
}
