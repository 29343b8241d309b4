import { bridgeSocks } from "../network/proxy-bridge.ts";

let environment: Promise<NodeJS.ProcessEnv> | undefined;

/** The environment for programs of which some know no SOCKS proxy: apt-get (SOCKS 4) and Go. Needs the node packages. */
export function withoutSocks(): Promise<NodeJS.ProcessEnv> {
  environment ??= bridgeSocks(process.env).then(({ variables }) => ({ ...process.env, ...variables }));
  return environment;
}
