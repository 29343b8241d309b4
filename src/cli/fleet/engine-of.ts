import { runCommand } from "../../process/run-command.ts";
import { useDockerHost } from "../../state/docker-host.ts";

// engine-of.ts STACK: prints as JSON the environment variables that select a stack's Docker Engine; an empty value stands for unset.

runCommand(async () => {
  useDockerHost(process.argv[2] ?? "sandbox");
  const names = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
  console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]))));
  return 0;
});
