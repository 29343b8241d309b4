import { docker } from "./docker.ts";

/** Label that holds the trigger under which an image was made on this machine. */
const triggerLabel = "benchbox.trigger";

/** The trigger under which an image on the engine was made; undefined when it is not there or not ours. */
export async function imageMadeUnder(reference: string): Promise<string | undefined> {
  const format = `{{index .Config.Labels "${triggerLabel}"}}`;
  const { ok, stdout } = await docker(["image", "inspect", "--format", format, reference]);
  return ok && stdout.trim() !== "" ? stdout.trim() : undefined;
}

export async function imageExists(reference: string): Promise<boolean> {
  return (await docker(["image", "inspect", "--format", "{{.Id}}", reference])).ok;
}
