/** `stack-engine.ts STACK`: prints the docker_host and docker_certs of a stack's file, a line each; empty where it has none. */
import { stackOptions } from "../config/files.ts";
import { runCommand } from "../process/run-command.ts";

runCommand(async () => {
  const { docker_host: host, docker_certs: certs } = stackOptions(".", process.argv[2] ?? "sandbox");
  // What is no text is refused by whoever asks for the whole machine.
  for (const value of [host, certs]) console.log(typeof value === "string" ? value : "");
  return 0;
});
