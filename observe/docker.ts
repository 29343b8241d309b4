import { askProgram, type ProgramResult } from "./program.ts";

export type DockerResult = ProgramResult;

/** Runs the docker client, which finds the engine as its user is used to: DOCKER_HOST, contexts, ssh. Never throws. */
export function docker(words: readonly string[], stdin?: string): Promise<DockerResult> {
  return askProgram("docker", words, stdin);
}
