import { execFile } from "node:child_process";
import module, { createRequire } from "node:module";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import program from "../../../index.ts";
import { useDockerHost } from "../../state/docker-host.ts";
import type { PreviewAnswer } from "./previews.ts";
import { findJson } from "./run.ts";

// Previews stacks one after the other with the same `pulumi preview` as for one stack, but with the program in this process, which loads
// it once for all of them instead of once per preview. previews.ts starts this process, sends it stacks, and ends it.

/** The Automation API's server for inline programs. It is published without types. */
const { LanguageServer } = createRequire(import.meta.url)("@pulumi/pulumi/automation/server.js") as {
  LanguageServer: new (program: () => Promise<Record<string, unknown>>) => grpc.UntypedServiceImplementation;
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, new LanguageServer(program));
const loopback = "127.0.0.1"; // the address of Pulumi's own language hosts
const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync(`${loopback}:0`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
});

module.flushCompileCache?.(); // Node flushes at exit, but this process is killed

interface Preview {
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
}

const engineVariables = ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
const inherited = Object.entries(process.env).filter(([name]) => engineVariables.includes(name));

async function preview(stack: string): Promise<PreviewAnswer> {
  for (const name of engineVariables) delete process.env[name]; // of the stack before
  Object.assign(process.env, Object.fromEntries(inherited));
  useDockerHost(stack);
  const words = ["preview", "--json", "--refresh", "--stack", stack, `--client=${loopback}:${port}`];
  const ran = await promisify(execFile)("bin/pulumi", words, { maxBuffer: Number.POSITIVE_INFINITY }).then(
    (output) => ({ ...output, isDone: true }),
    (failed: { stdout: string; stderr: string }) => ({ ...failed, isDone: false }),
  );
  const { changeSummary, diagnostics = [] } = findJson<Preview>(ran.stdout) ?? {};
  if (ran.isDone && changeSummary) return { changes: changeSummary };
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const reasons = [[...new Set(errors)].join("\n"), ran.stderr.trim(), ran.stdout.trim()];
  return { error: reasons.find(Boolean) ?? "pulumi preview failed without a message" };
}

process.on("message", async (stack: string) =>
  process.send?.(await preview(stack).catch(({ message }: Error) => ({ error: message }))),
);
// The parent has exited or needs no more previews: end this process and its children.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
