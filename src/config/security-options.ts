import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import "./key-meta.ts";
import { type Checked, validated } from "../model/checked.ts";
import type { Security } from "../model/machine.ts";
import type { Problem } from "../model/problem.ts";
import { expand } from "../observe/host-files.ts";

export const securityOptions = z
  .strictObject({
    seccomp: z
      .string("must be a profile file, or unconfined")
      .regex(/^(unconfined|.+\.json)$/, "must be a profile file (.json), or unconfined")
      .optional()
      .meta({
        description:
          "Seccomp profile: a JSON file in Docker's format, relative to the project's folder; or `unconfined` for no filter of system " +
          "calls, which each preview warns about.",
        defaultText: "the Docker Engine's profile",
        examples: ["seccomp.json", "unconfined"],
      }),
    apparmor: z
      .string("must be the name of a profile, or unconfined")
      .regex(/^[\w./-]+$/, "must be the name of a loaded profile, or unconfined")
      .optional()
      .meta({
        description:
          "AppArmor profile that is loaded on the Docker host; or `unconfined`, which each preview warns about.",
        defaultText: "the Docker Engine's profile",
        examples: ["my-profile", "unconfined"],
      }),
    privileged: z
      .boolean("must be true or false")
      .default(false)
      .meta({
        description:
          "Gives the box all devices and capabilities, without seccomp and AppArmor: root in the box is root on the Docker host. Each " +
          "preview warns about it. `devices` and `capabilities` are usually enough.",
        examples: [true],
      }),
  })
  .prefault({})
  .meta({ description: "What the kernel lets programs in the box do.", effect: "new container" });

type Written = z.output<typeof securityOptions>;

/** Reads the seccomp profile, and refuses combinations in which one option makes another one void. */
export function readSecurity(
  { seccomp, apparmor, privileged }: Written,
  others: { readonly userNamespaces: boolean; readonly capabilities: readonly string[] },
  { directory, home }: { readonly directory: string; readonly home: string },
  problem: (path: readonly string[], message: string) => Problem,
): Checked<Security> {
  const profile = seccomp === undefined || seccomp === "unconfined" ? seccomp : readProfile(seccomp, directory, home);
  const problems: Problem[] = [];
  const refuse = (key: string, message: string): void => void problems.push(problem(["security", key], message));
  if (typeof profile === "object") refuse("seccomp", profile.problem);
  for (const [key, value] of Object.entries({ seccomp, apparmor })) {
    if (value === undefined) continue;
    if (privileged) refuse(key, "has no effect with `privileged`; remove one of the two");
    else if (others.userNamespaces) refuse(key, "is set by `user_namespaces`; remove one of the two");
  }
  if (privileged && others.userNamespaces)
    problems.push(problem(["user_namespaces"], "has no effect with `security.privileged`; remove one of the two"));
  if (privileged && others.capabilities.length > 0)
    problems.push(problem(["capabilities"], "has no effect with `security.privileged`; remove one of the two"));
  const value = { seccomp: typeof profile === "string" ? profile : undefined, apparmor, privileged };
  const checked = validated(problems);
  return "problems" in checked ? checked : { value };
}

/** The text of a profile in its shortest form, so that its layout does not matter. */
function readProfile(file: string, directory: string, home: string): string | { readonly problem: string } {
  const path = expand(file, home);
  try {
    const profile: unknown = JSON.parse(readFileSync(isAbsolute(path) ? path : join(directory, path), "utf8"));
    if (typeof (profile as { defaultAction?: unknown } | null)?.defaultAction === "string")
      return JSON.stringify(profile);
    return { problem: `${file} is not a seccomp profile in Docker's format: it has no \`defaultAction\`` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { problem: `${file} does not exist; create it, or remove the key` };
    return {
      problem: code === undefined ? `${file} is not valid JSON: ${message}` : `${file} cannot be read (${code})`,
    };
  }
}

/** Warnings about settings that remove a protection of the Docker host. */
export function securityWarnings({ seccomp, apparmor, privileged }: Security, pid: "private" | "host"): string[] {
  return [
    ...(privileged ? ["the box is privileged (security.privileged): root in the box is root on the Docker host"] : []),
    ...(seccomp === "unconfined"
      ? ["the box has no seccomp filter (security.seccomp): every system call of the kernel is open to programs in it"]
      : []),
    ...(apparmor === "unconfined" ? ["the box has no AppArmor profile (security.apparmor)"] : []),
    ...(pid === "host"
      ? ["the box sees all processes of the Docker host (pid: host), and root in the box can end them"]
      : []),
  ];
}
