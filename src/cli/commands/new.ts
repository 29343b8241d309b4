import { existsSync, rmSync, writeFileSync } from "node:fs";
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
import { createCommand } from "../stack-command.ts";
import { doctor } from "./doctor.ts";

const command = createCommand("new")
  .summary("add a stack for another host")
  .description(
    "write Pulumi.NAME.yaml, a stack for another host, and check that host; asks for missing options, overwrites nothing",
  )
  .argument("<name>", "for example lab-3")
  .option("--docker-host <address>", "the Docker Engine: unix:///…, ssh://USER@HOST or tcp://… (default: this host's)")
  .option("--docker-certs <folder>", "folder with ca.pem, cert.pem and key.pem, for a tcp:// address")
  .option(
    "--gpu <gpus>",
    "all, none, or indices and UUIDs separated by commas (default: all if the Docker Engine offers GPUs)",
  )
  .option("--bind <address>", "address of that host on which to publish SSH (default: its loopback address)")
  .option("--port <port>", "port of SSH (default: the first free one from 22022)")
  .option("-y, --yes", "use the defaults without asking");

export default command.action(addStack);

async function addStack(name: string, options: ReturnType<typeof command.opts>): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
    throw new UserError(
      `invalid name ${name}: must start with a lowercase letter, followed by at most 30 lowercase letters, digits or hyphens\n` +
        "  For example: npm run new -- lab-3",
    );
  const file = `Pulumi.${name}.yaml`;
  if (existsSync(file)) throw new UserError(`${file} already exists and is not overwritten`);
  const askUnless = async (given: string | undefined, question: string, standard: string): Promise<string> =>
    given ?? (await ask(question, standard, options.yes));
  const here = "this host's";
  const host = await askUnless(options.dockerHost, `Docker Engine (${here}, or ssh://USER@HOST)`, here);
  const dockerHost = host === here ? undefined : host;
  const { dockerCerts } = options;
  if (dockerHost !== undefined) process.env.DOCKER_HOST = dockerHost;
  if (dockerCerts !== undefined) Object.assign(process.env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dockerCerts });
  const stack: NewStack = {
    dockerHost,
    dockerCerts,
    gpu: await askUnless(options.gpu, "GPUs (all, none, or 0,1)", await offeredGpus()),
    bind: await askUnless(options.bind, "Address on which to publish SSH", "127.0.0.1"),
    port: Number(await askUnless(options.port, "SSH port", String(await freePortFor(dockerHost)))),
  };
  writeFileSync(file, stackFile(name, stack), { flag: "wx" });
  try {
    machineOf(name); // reports a mistake with its line of the new file
  } catch (error) {
    rmSync(file);
    throw error;
  }
  console.log(`Wrote ${file}. To configure more for this host, edit that file; README.md lists all options.\n`);
  if ((await doctor(name)) !== 0) console.log(`Fix the failed checks, then: npm run up -- ${name}`);
}

async function offeredGpus(): Promise<string> {
  const engine = await askEngine();
  if ("problem" in engine) return "all"; // doctor reports the problem
  return "nvidia" in engine.Runtimes || cdiDevices(engine).length > 0 ? "all" : "none";
}

async function freePortFor(dockerHost: string | undefined): Promise<number> {
  return nextPort(
    stackNames().map((stack) => stackOptions(".", stack)),
    (port) => isRemoteEngine(dockerHost) || canListen("127.0.0.1", port),
  );
}
