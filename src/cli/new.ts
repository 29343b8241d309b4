import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { cdiDevices } from "../checks/gpu-offer.ts";
import { canListen } from "../checks/ports.ts";
import { stackOptions } from "../config/files.ts";
import { type NewStack, nextPort, stackFile } from "../config/new-stack.ts";
import { machineOf } from "../config/stack-values.ts";
import { isRemoteEngine } from "../model/engine-address.ts";
import { UserError } from "../model/user-error.ts";
import { askEngine } from "../observe/docker-engine.ts";
import { runCommand } from "../process/run-command.ts";

// The second half of `src/cli/new`, which says what it does.

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "docker-host": { type: "string" },
      "docker-certs": { type: "string" },
      gpu: { type: "string" },
      bind: { type: "string" },
      port: { type: "string" },
      yes: { type: "boolean", default: false },
    },
  });
  const [name = ""] = positionals;
  if (name !== process.argv[2]) throw new UserError("the machine's name comes first: npm run new -- lab-3 --yes");
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
    throw new UserError(
      "a machine's name is a small letter, and small letters, digits and dashes: npm run new -- lab-3",
    );
  const file = `Pulumi.${name}.yaml`;
  if (existsSync(file)) throw new UserError(`${file} is there already and is not overwritten`);

  const terminal =
    process.stdin.isTTY && !values.yes ? createInterface({ input: process.stdin, output: process.stdout }) : undefined;
  const ask = async (given: string | undefined, question: string, standard: string): Promise<string> =>
    given ?? ((await terminal?.question(`${question} [${standard}] `)) || standard);
  const host = await ask(values["docker-host"], "Docker Engine: this machine's, or ssh://USER@HOST?", "this machine's");
  const dockerHost = host === "this machine's" ? undefined : host;
  const dockerCerts = values["docker-certs"];
  if (dockerHost !== undefined) process.env.DOCKER_HOST = dockerHost;
  if (dockerCerts !== undefined) Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dockerCerts });
  const stack: NewStack = {
    dockerHost,
    dockerCerts,
    gpu: await ask(values.gpu, "GPUs: all, none, or 0,1?", await offeredGpus()),
    bind: await ask(values.bind, "Address that SSH is published on?", "127.0.0.1"),
    port: Number(await ask(values.port, "Port?", String(await freePortFor(dockerHost)))),
  };
  terminal?.close();

  writeFileSync(file, stackFile(name, stack), { flag: "wx" });
  try {
    machineOf(name); // a mistake is told with its line of the new file
  } catch (error) {
    rmSync(file);
    throw error;
  }
  console.log(`Wrote ${file}. What the machine is to have otherwise belongs there, too; README.md has all options.`);
  return 0;
}

async function offeredGpus(): Promise<string> {
  const engine = await askEngine();
  if ("problem" in engine) return "all"; // the doctor says what is wrong with it
  return "nvidia" in engine.Runtimes || cdiDevices(engine).length > 0 ? "all" : "none";
}

async function freePortFor(dockerHost: string | undefined): Promise<number> {
  const stacks = readdirSync(".").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return nextPort(
    stacks.map((stack) => stackOptions(".", stack)),
    (port) => isRemoteEngine(dockerHost) || canListen("127.0.0.1", port),
  );
}

runCommand(main);
