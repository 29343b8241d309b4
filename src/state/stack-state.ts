import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";
import { backendFolder } from "./backend.ts";
import { askCli } from "./cli.ts";
import { projectName } from "./project.ts";

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: { readonly name?: unknown };
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** What a run was doing when the state was written; a killed one has not removed it. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** What the backend has of a stack, of which nothing is decrypted. */
export interface StackState {
  readonly resources: readonly StateResource[];
  readonly operations: readonly PendingOperation[];
}

/** Reads the file of a backend of files, unless it is packed; asks the CLI for any other, which takes half a second. */
export async function readStackState(stack: string): Promise<StackState> {
  const backend = backendFolder();
  const file = join(backend ?? "", "stacks", projectName, `${stack}.json`);
  if (backend !== undefined && !existsSync(`${file}.gz`)) {
    return parseState(file, existsSync(file) ? readFileSync(file, "utf8") : undefined);
  }
  return parseState(`the backend of ${stack}`, await exportState(stack));
}

/** @throws UserError with what the CLI says when it fails */
export async function exportState(stack: string): Promise<string> {
  const { ok, stdout, stderr } = await askCli(["stack", "export", "--stack", stack]);
  if (!ok) throw new UserError(`the state of stack ${stack} was not read: ${stderr}`);
  return stdout;
}

interface Parts {
  readonly resources?: readonly StateResource[] | null;
  readonly pending_operations?: readonly PendingOperation[] | null;
}

/**
 * A state as the backend's file has it, or as `pulumi stack export` prints it. Pure.
 *
 * @param place where the text is from, for the message
 * @throws UserError when it is not JSON
 */
export function parseState(place: string, text: string | undefined): StackState {
  const { checkpoint, deployment } = parseJson(place, text ?? "{}");
  const { resources, pending_operations: operations } = checkpoint?.latest ?? deployment ?? {};
  return { resources: resources ?? [], operations: operations ?? [] };
}

interface StateFile {
  readonly checkpoint?: { readonly latest?: Parts | null } | null;
  readonly deployment?: Parts | null;
}

function parseJson(place: string, text: string): StateFile {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `the state in ${place} was not read: ${(error as Error).message}\n  Fix: put its last copy in its place; the backend keeps one as .bak, and more in history/`,
    );
  }
}

/** Whether the stack has a resource, or was creating it when its run was killed. `type` is the last part of the resource's type. */
export function knowsResource(state: StackState, type: "Container" | "Volume" | undefined, name: string): boolean {
  const end = type === undefined ? `::${name}` : `:${type}::${name}`;
  return everything(state).some(({ urn }) => urn.endsWith(end));
}

/** Whether the stack has a resource that the Docker Engine knows by this id. */
export const knowsId = (state: StackState, wanted: string): boolean =>
  everything(state).some(({ id }) => id === wanted);

const everything = ({ resources, operations }: StackState): StateResource[] => [
  ...resources,
  ...operations.map(({ resource }) => resource),
];

/** The names of a box's volumes on the Docker Engine, which are those of their resources. */
export function volumesOf({ resources }: StackState, box: string): string[] {
  const names = resources.map(({ urn }) => /:Volume::([^:]+)$/.exec(urn)?.[1] ?? "");
  return [...new Set(names)].filter((name) => name.startsWith(`${box}-`)).sort();
}

export const hasUnfinishedCreation = ({ operations }: StackState): boolean =>
  operations.some(({ type }) => type === "creating");
