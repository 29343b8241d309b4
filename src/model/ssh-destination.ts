/** The words by which ssh takes a destination that is written as `ssh -J` has it: `USER@HOST:PORT`. */
export function destinationWords(destination: string): string[] {
  const [, place = "", port] = /^(.*?)(?::(\d+))?$/.exec(destination) ?? [];
  return [...(port ? ["-p", port] : []), place];
}
