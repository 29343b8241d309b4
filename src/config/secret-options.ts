import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import type { Checked } from "../model/checked.ts";
import type { Secret } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { expand } from "../observe/host-files.ts";
import { variableName } from "./env-options.ts";

/**
 * `benchbox:secrets`: variables of every SSH session whose values are secrets. They come from a file of this computer, or from Pulumi
 * (`pulumi config set --secret --path 'benchbox:secrets.NAME'`). No image, container setting or log has them, and the state only encrypted.
 */
export const secretOptions = z
  .record(
    variableName,
    z.union(
      [
        z.strictObject({
          file: z
            .string("must be a file")
            .regex(/^(\/|~\/)./, "must be an absolute path, or start with `~/`")
            .meta({ description: "File whose content is the value.", examples: ["~/.cache/huggingface/token"] }),
        }),
        // As Pulumi writes it, and as the engine passes the decrypted value.
        z.strictObject({ secure: z.string() }),
        z.string(),
      ],
      "must be { file: PATH }, or a value that `pulumi config set --secret --path` has encrypted",
    ),
    "must be a mapping of names to secrets",
  )
  .default({})
  .meta({
    description:
      "Secret variables of every SSH session, from a file of this computer or from `pulumi config set --secret --path`. No image, " +
      "container setting or log has them, and the state only encrypted.",
    examples: [{ HF_TOKEN: { file: "~/.cache/huggingface/token" } }],
    effect: "in place",
  });

/**
 * Reads the values. One that only Pulumi can decrypt is undefined for commands that run without it.
 *
 * @param problem creates a problem with the secret `name`
 */
export function readSecrets(
  options: z.output<typeof secretOptions>,
  environment: Readonly<Record<string, string>>,
  home: string,
  problem: (name: string, message: string) => Problem,
): Checked<Secret[]> {
  const problems: Problem[] = [];
  const secrets = Object.entries(options).map(([name, written]): Secret => {
    const add = (message: string): undefined => void problems.push(problem(name, message));
    if (name in environment) add("is also in benchbox:env; remove it there");
    if (typeof written === "object" && "secure" in written) return { name, value: undefined };
    const value = typeof written === "string" ? written : readSecretFile(written.file, home, add);
    if (value !== undefined && (value === "" || /["\\\n\r\0]/.test(value)))
      add("must be one line, not empty, without quotes and backslashes: SSH sessions would not get it");
    return { name, value };
  });
  return problems.length > 0 ? { problems } : { value: secrets };
}

function readSecretFile(written: string, home: string, add: (message: string) => undefined): string | undefined {
  const file = resolve(expand(written, home));
  try {
    if (statSync(file).size > 32_768) return add(`has a file of more than 32 KiB: ${file}`);
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    return add(`cannot be read (${(error as NodeJS.ErrnoException).code}): ${file}; fix the path or its permissions`);
  }
}
