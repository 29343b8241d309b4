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
}

/** An operation that had started when the state was written. It stays in the state if the run was killed. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: StateResource;
}

/** A stack's state in the backend, with its secrets encrypted. */
export interface StackState {
  readonly resources: readonly StateResource[];
  readonly operations: readonly PendingOperation[];
}

/**
 * Reads the state. Reads the file of a file backend directly, unless it is compressed; asks the CLI for any other, which takes half a
 * second.
 */
export async function readStackState(stack: string): Promise<StackState> {
  const backend = backendFolder();
  const file = join(backend ?? "", "stacks", projectName, `${stack}.json`);
  if (backend !== undefined && !existsSync(`${file}.gz`)) {
    return parseState(file, existsSync(file) ? readFileSync(file, "utf8") : undefined);
  }
  return parseState(`the backend of ${stack}`, await exportState(stack));
}

/** The state as JSON, from `pulumi stack export`. @throws UserError with the CLI's message when it fails */
export async function exportState(stack: string): Promise<string> {
  const { ok, stdout, stderr } = await askCli(["stack", "export", "--stack", stack]);
  if (!ok) throw new UserError(`reading the state of the stack ${stack} failed: ${stderr}`);
  return stdout;
}

interface Parts {
  readonly resources?: readonly StateResource[] | null;
  readonly pending_operations?: readonly PendingOperation[] | null;
}

interface StateFile {
  readonly checkpoint?: { readonly latest?: Parts | null } | null;
  readonly deployment?: Parts | null;
}

/**
 * Parses a state in the format of the backend's file, or of `pulumi stack export`. Pure.
 *
 * @param place the text's origin, for the error message
 * @throws UserError when it is not JSON
 */
export function parseState(place: string, text = "{}"): StackState {
  try {
    const { checkpoint, deployment }: StateFile = JSON.parse(text);
    const { resources, pending_operations: operations } = checkpoint?.latest ?? deployment ?? {};
    return { resources: resources ?? [], operations: operations ?? [] };
  } catch (error) {
    throw new UserError(
      `reading the state in ${place} failed: ${(error as Error).message}\n` +
        "  Fix: replace it with its last copy; the backend keeps one as .bak, and older ones in history/",
    );
  }
}

/** Whether the state has a resource, or an unfinished creation of it. @param type the last part of the resource's type */
export function knowsResource(state: StackState, type: "Container" | "Volume" | undefined, name: string): boolean {
  const end = type === undefined ? `::${name}` : `:${type}::${name}`;
  return allResources(state).some(({ urn }) => urn.endsWith(end));
}

/** Whether the state has a resource with this id, which is the Docker Engine's. */
export const knowsId = (state: StackState, id: string): boolean =>
  allResources(state).some((resource) => resource.id === id);

const allResources = ({ resources, operations }: StackState): StateResource[] => [
  ...resources,
  ...operations.map(({ resource }) => resource),
];

/** The names of a box's volumes on the Docker Engine, which are also the names of their resources. */
export function volumesOf({ resources }: StackState, box: string): string[] {
  const names = resources.map(({ urn }) => /:Volume::([^:]+)$/.exec(urn)?.[1] ?? "");
  return [...new Set(names)].filter((name) => name.startsWith(`${box}-`)).sort();
}

export const hasUnfinishedCreation = ({ operations }: StackState): boolean =>
  operations.some(({ type }) => type === "creating");
