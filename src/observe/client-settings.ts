import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../model/user-error.ts";

interface Login {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

interface ClientConfig {
  readonly auths?: Readonly<Record<string, Login>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
  readonly currentContext?: string;
}

/** The key of Docker Hub's login. */
const hubKey = "https://index.docker.io/v1/";

/**
 * The value of the X-Registry-Auth header for a registry, from the login that `docker login` has stored in the client's configuration
 * (DOCKER_CONFIG, ~/.docker) or in the credential helper that it names. Undefined without a login.
 */
export function registryAuth(registry: string): string | undefined {
  const config = readConfig();
  const key = registry === "docker.io" ? hubKey : registry;
  const helper = config.credHelpers?.[key] ?? config.credHelpers?.[registry] ?? config.credsStore;
  const login = (helper ? askHelper(helper, key) : undefined) ?? storedLogin(config, key);
  if (login === undefined) return undefined;
  const json = JSON.stringify({ ...login, serveraddress: key });
  // Go's URL encoding is padded, Node's is not.
  return Buffer.from(json).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * The docker client's current context, read from the client's own settings, which is faster than running the client.
 * Source: https://docs.docker.com/engine/manage-resources/contexts/, "Use a different context".
 */
export function askContext(): string {
  try {
    return process.env.DOCKER_CONTEXT || readConfig().currentContext || "default";
  } catch {
    return "default"; // broken settings, which the client reports itself
  }
}

/** The docker client's own settings; empty without a file. @throws UserError when they are not valid */
function readConfig(): ClientConfig {
  const file = join(process.env.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    // Not the error's own text: it quotes the file, which holds credentials.
    throw new UserError(
      `the docker client's configuration ${file} is not valid JSON\n  Fix: correct it, or run docker login again`,
    );
  }
}

function storedLogin(config: ClientConfig, key: string): Login | undefined {
  // Logins match by host, whatever the form of their address.
  const hostOf = (address: string) => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  const found = Object.entries(config.auths ?? {}).find(([address]) => hostOf(address) === hostOf(key))?.[1];
  if (found === undefined) return undefined;
  if (found.identitytoken) return { identitytoken: found.identitytoken };
  if (found.auth) {
    const [username = "", ...password] = Buffer.from(found.auth, "base64").toString().split(":");
    return { username, password: password.join(":") };
  }
  return found.username ? { username: found.username, password: found.password ?? "" } : undefined;
}

/** Undefined when the helper has no login for the registry. */
function askHelper(helper: string, key: string): Login | undefined {
  try {
    const answer = execFileSync(`docker-credential-${helper}`, ["get"], {
      encoding: "utf8",
      input: key,
      timeout: 30_000,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { Username, Secret } = JSON.parse(answer);
    return Username === "<token>" ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch (error) {
    const stdout = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    if (/credentials not found/i.test(stdout)) return undefined;
    throw new UserError(
      `docker-credential-${helper}, the credential helper in the docker client's configuration, failed for ${key}\n` +
        `  Fix: check the output of: docker-credential-${helper} list`,
    );
  }
}
