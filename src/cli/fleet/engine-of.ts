import { useDockerHost } from "../../state/docker-host.ts";

// engine-of.ts STACK: prints, as JSON, what the variables that name a Docker Engine are for a stack; empty: not set.

useDockerHost(process.argv[2] ?? "sandbox");
const names = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]))));
