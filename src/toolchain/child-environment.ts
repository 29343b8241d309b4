import { bridgeSocks } from "../network/proxy-bridge.ts";

let environment: Promise<NodeJS.ProcessEnv> | undefined;

/** The environment for programs without support for every SOCKS proxy: apt-get (SOCKS 4) and Go. Requires the node packages. */
export function environmentWithoutSocks(): Promise<NodeJS.ProcessEnv> {
  environment ??= bridgeSocks(process.env).then(({ variables }) => ({ ...process.env, ...variables }));
  return environment;
}
