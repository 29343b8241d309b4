/**
 * `without-socks.ts COMMAND...`: runs a command without SOCKS support, such as wget, with an HTTP bridge in place of a SOCKS proxy. Exits
 * with the command's exit code.
 */
import { spawn } from "node:child_process";
import { bridgeSocks } from "./proxy-bridge.ts";

const [program = "", ...words] = process.argv.slice(2);
const { variables, close } = await bridgeSocks(process.env);
const child = spawn(program, words, { stdio: "inherit", env: { ...process.env, ...variables } });
child.once("error", (error) => {
  console.error(`benchbox: ${error.message}`);
  process.exit(127);
});
child.once("close", async (code) => {
  await close();
  process.exitCode = code ?? 1;
});
