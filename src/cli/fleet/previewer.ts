import { execFile } from "node:child_process";
import module, { createRequire } from "node:module";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import program from "../../../index.ts";
import { jsonIn } from "./json-in.ts";
import type { PreviewAnswer, PreviewRequest } from "./previews.ts";

// Previews stacks one after the other, by the very command for one machine, with this project's program in this process: it is loaded
// once for all of them, where each `pulumi preview` loads it anew. Started by previews.ts, which says what to do and when to end.

/** The Automation API's server of programs that run where they are called from. It is published without its types. */
const { LanguageServer } = createRequire(import.meta.url)("@pulumi/pulumi/automation/server.js") as {
  LanguageServer: new (program: () => Promise<Record<string, unknown>>) => grpc.UntypedServiceImplementation;
};

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, new LanguageServer(program));
const loopback = "127.0.0.1"; // where Pulumi's own servers of programs listen, too
const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync(`${loopback}:0`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  );
});

module.flushCompileCache?.(); // Node does so at its end, and this one is killed

interface Preview {
  readonly changeSummary?: Readonly<Record<string, number>>;
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
}

async function preview({ stack, engine }: PreviewRequest): Promise<PreviewAnswer> {
  for (const [variable, value] of Object.entries(engine)) {
    if (value === "") delete process.env[variable];
    else process.env[variable] = value;
  }
  const words = ["preview", "--json", "--refresh", "--stack", stack, `--client=${loopback}:${port}`];
  const ran = await promisify(execFile)("bin/pulumi", words, { maxBuffer: Number.POSITIVE_INFINITY }).then(
    (said) => ({ ...said, isDone: true }),
    (failed: { stdout: string; stderr: string }) => ({ ...failed, isDone: false }),
  );
  const { changeSummary, diagnostics = [] } = jsonIn<Preview>(ran.stdout) ?? {};
  if (ran.isDone && changeSummary) return { changes: changeSummary };
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return {
    error: [...new Set(errors)].join("\n") || ran.stderr.trim() || ran.stdout.trim() || "it ended without a word",
  };
}

process.on("message", async (request: PreviewRequest) => process.send?.(await preview(request)));
// Whoever asked is gone, or wants no more: so is this, with what it started.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
