import { existsSync, rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { cdiDevices } from "../../checks/gpu-offer.ts";
import { canListen } from "../../checks/ports.ts";
import { stackOptions } from "../../config/files.ts";
import { type NewStack, nextPort, stackFile } from "../../config/new-stack.ts";
import { machineOf } from "../../config/stack-values.ts";
import { isRemoteEngine } from "../../model/engine-address.ts";
import { UserError } from "../../model/user-error.ts";
import { askEngine } from "../../observe/docker-engine.ts";
import { ask } from "../../process/prompt.ts";
import { stackNames } from "../../state/project.ts";
import { exitWith } from "../stack-command.ts";
import { doctor } from "./doctor.ts";

interface Options {
  readonly dockerHost?: string;
  readonly dockerCerts?: string;
  readonly gpu?: string;
  readonly bind?: string;
  readonly port?: string;
  readonly yes?: boolean;
}

export default new Command("new")
  .summary("add a stack for one more machine")
  .description(
    "write Pulumi.NAME.yaml, a stack for one more machine, and check that machine; asks for what is not given, overwrites nothing",
  )
  .argument("<name>", "for example lab-3")
  .option(
    "--docker-host <address>",
    "the machine's Docker Engine: unix:///…, ssh://USER@HOST or tcp://… (default: this machine's)",
  )
  .option("--docker-certs <folder>", "the ca.pem, cert.pem and key.pem for a tcp:// engine")
  .option(
    "--gpu <gpus>",
    "all, none, or indices and UUIDs separated by commas (default: all where the engine offers GPUs)",
  )
  .option("--bind <address>", "address of that machine that SSH is published on (default: its loopback address)")
  .option("--port <port>", "port of SSH (default: the first from 22022 on that is free)")
  .option("-y, --yes", "take the defaults without asking")
  .action(exitWith(addStack));

async function addStack(name: string, options: Options): Promise<number> {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
    throw new UserError(
      `${name} must start with a lowercase letter, followed by at most 30 lowercase letters, digits or hyphens\n  Fix: npm run new -- lab-3`,
    );
  const file = `Pulumi.${name}.yaml`;
  if (existsSync(file)) throw new UserError(`${file} exists already and is not overwritten`);
  const askUnless = async (given: string | undefined, question: string, standard: string): Promise<string> =>
    given ?? (await ask(question, standard, options.yes));
  const here = "this machine's";
  const host = await askUnless(options.dockerHost, `Docker Engine (${here}, or ssh://USER@HOST)`, here);
  const dockerHost = host === here ? undefined : host;
  const { dockerCerts } = options;
  if (dockerHost !== undefined) process.env.DOCKER_HOST = dockerHost;
  if (dockerCerts !== undefined) Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dockerCerts });
  const stack: NewStack = {
    dockerHost,
    dockerCerts,
    gpu: await askUnless(options.gpu, "GPUs (all, none, or 0,1)", await offeredGpus()),
    bind: await askUnless(options.bind, "Address that SSH is published on", "127.0.0.1"),
    port: Number(await askUnless(options.port, "Port of SSH", String(await freePortFor(dockerHost)))),
  };
  writeFileSync(file, stackFile(name, stack), { flag: "wx" });
  try {
    machineOf(name); // reports a mistake with its line of the new file
  } catch (error) {
    rmSync(file);
    throw error;
  }
  console.log(`Wrote ${file}. To set more for this machine, edit that file; README.md has all options.\n`);
  if ((await doctor(name)) !== 0) console.log(`Fix the failed checks, then: npm run up -- ${name}`);
  return 0;
}

async function offeredGpus(): Promise<string> {
  const engine = await askEngine();
  if ("problem" in engine) return "all"; // doctor reports what is wrong with it
  return "nvidia" in engine.Runtimes || cdiDevices(engine).length > 0 ? "all" : "none";
}

async function freePortFor(dockerHost: string | undefined): Promise<number> {
  return nextPort(
    stackNames().map((stack) => stackOptions(".", stack)),
    (port) => isRemoteEngine(dockerHost) || canListen("127.0.0.1", port),
  );
}
