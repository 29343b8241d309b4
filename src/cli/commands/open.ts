import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { commandLine } from "../../model/quote.ts";
import { UserError } from "../../model/user-error.ts";
import { runProgram } from "../../process/run-program.ts";
import { boxOutputs } from "../../state/box-outputs.ts";
import { boxName, requireStack, stackNames } from "../../state/project.ts";
import { createCommand, exitWith } from "../stack-command.ts";
import { sshWords } from "./ssh.ts";
import { addSshConfig } from "./ssh-config.ts";

/** The version that `open jupyter` runs; uv installs it on first use. */
const jupyterlab = "4.6.6";

/** Editors that open a folder on an SSH host by the same option, and the scheme of their links. */
const editors = { vscode: { program: "code", scheme: "vscode" }, cursor: { program: "cursor", scheme: "cursor" } };

const command = createCommand("open")
  .summary("open the box in an editor or JupyterLab, or forward a port")
  .description(
    "open the box in VSCode or Cursor, say how to open it in PyCharm, run JupyterLab in it, or forward one of its ports to this host",
  )
  .usage("[stack] vscode|cursor|pycharm|jupyter|PORT")
  .argument("<words...>", "the STACK of Pulumi.STACK.yaml (default: sandbox), then what to open")
  .option("--folder <path>", "the folder in the box to open (default: the user's home)")
  .addHelpText(
    "after",
    "\njupyter and PORT run until Ctrl-C. They listen on 127.0.0.1 only, and\nJupyterLab asks for the token in its link.",
  );

export default command.action(exitWith(open));

type Options = ReturnType<typeof command.opts>;

async function open(words: readonly string[], options: Options): Promise<number> {
  const [first = "", second] = words;
  const [stack, what] = second === undefined ? ["sandbox", first] : [first, second];
  if (words.length > 2 || (second === undefined && stackNames().includes(first)))
    throw new UserError("what is missing or too much: benchbox open [stack] vscode|cursor|pycharm|jupyter|PORT");
  requireStack(stack);
  if (what === "vscode" || what === "cursor") return openEditor(stack, editors[what], options);
  if (what === "pycharm") return describePycharm(stack);
  if (what === "jupyter") return openJupyter(stack, options);
  return forward(stack, portOf(what));
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new UserError(`${text} must be vscode, cursor, pycharm, jupyter, or a port from 1 to 65535`);
}

async function openEditor(
  stack: string,
  { program, scheme }: (typeof editors)[keyof typeof editors],
  { folder }: Options,
): Promise<number> {
  await addSshConfig(stack); // the editors read ~/.ssh/config only
  const path = folder ?? (await homeOf(stack));
  const words = ["--remote", `ssh-remote+${boxName(stack)}`, path];
  const hasDesktop = Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (hasDesktop) {
    try {
      return await runProgram(program, words);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // else it is not installed here
    }
  }
  console.log(`On a host with a desktop that has the entry ${boxName(stack)} in ~/.ssh/config (as this host now has):

  ${commandLine([program, ...words])}

or open the link:

  ${scheme}://vscode-remote/ssh-remote+${boxName(stack)}${path}`);
  return 0;
}

async function describePycharm(stack: string): Promise<number> {
  await addSshConfig(stack);
  console.log(`In PyCharm: File | Remote Development | SSH | New Connection, and choose ${boxName(stack)} under
"OpenSSH config and authentication agent"; project folder: ${await homeOf(stack)}
As an interpreter only: Settings | Python | Interpreter | Add | On SSH, with the same connection.`);
  return 0;
}

const homeOf = async (stack: string): Promise<string> => `/home/${(await boxOutputs(stack)).ssh.user}`;

async function openJupyter(stack: string, { folder }: Options): Promise<number> {
  const port = await freePort();
  // The same port on both sides, so that the link that JupyterLab prints, with its token, is valid on this host.
  const server = [
    ...["uv", "tool", "run", "--from", `jupyterlab==${jupyterlab}`, "jupyter-lab", "--no-browser"],
    ...["--ip=127.0.0.1", `--port=${port}`, "--ServerApp.port_retries=0"],
    ...(folder === undefined ? [] : [`--ServerApp.root_dir=${folder}`]),
  ];
  console.log("starting JupyterLab in the box; open the link that it prints, and end it with Ctrl-C\n");
  // A terminal, so that the server in the box ends with Ctrl-C and with the connection; and a login shell, which has the tools on PATH.
  return runProgram("ssh", [
    "-tt",
    ...(await forwardWords(stack, port)),
    commandLine(["bash", "-lc", commandLine(server)]),
  ]);
}

async function forward(stack: string, port: number): Promise<number> {
  const words = ["-N", ...(await forwardWords(stack, port))];
  console.log(`http://127.0.0.1:${port} is now port ${port} of the box ${stack}; Ctrl-C ends it`);
  return runProgram("ssh", words);
}

const forwardWords = async (stack: string, port: number): Promise<string[]> => [
  ...["-o", "ExitOnForwardFailure=yes", "-L", `127.0.0.1:${port}:127.0.0.1:${port}`],
  ...(await sshWords(stack)),
];

/** A port that is free on this host. The box is likely to have it free, too; otherwise JupyterLab says that it has not. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}
