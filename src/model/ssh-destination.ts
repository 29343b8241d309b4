/** The arguments of ssh for a destination in the form of `ssh -J`: `USER@HOST:PORT`. */
export function destinationWords(destination: string): string[] {
  const [, place = "", port] = /^(.*?)(?::(\d+))?$/.exec(destination) ?? [];
  return [...(port ? ["-p", port] : []), place];
}
