import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort, type Run } from "../support/clone.ts";
import { debianTool } from "../support/debian-tool.ts";
import { pythonTool } from "../support/python-tool.ts";
import { assertSilent, assertSilentInFull } from "./plan.ts";

/** The public key of a security key: nobody here has the private key, but the server must accept the format. */
const securityKey =
  "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIPyTXa+7lJCfFkRQnKs4PPYj7VBEELpbvOSlRTa6UJfQAAAABHNzaDo= token";

/** A box and every common kind of SSH client. Each test starts with the box up and leaves it up. */
describe("SSH into a box", { concurrency: 1 }, () => {
  let port: number;
  let clone: Clone;
  /** A folder for sockets, whose paths must be short. */
  let scratch: string;
  /** The box's name in ssh_config. */
  let box: string;
  let config: string;
  /** A link to it whose path has no spaces, since `ssh -F` cannot pass a path with spaces on to a ProxyJump. */
  let link: string;

  before(async () => {
    port = await freePort();
    clone = new Clone(`ssh${process.pid}`, port);
    clone.usePreparedBase();
    scratch = mkdtempSync(join(tmpdir(), "bb-"));
    box = clone.name;
    config = join(clone.home, ".ssh/config");
    link = join(scratch, "config");
    symlinkSync(config, link);
    await key("ada", "ecdsa");
    await key("agent", "ed25519");
    const users = [
      `    - { name: ada, uid: 3101, gid: 1101, pubkey_file: ${JSON.stringify(join(scratch, "ada.pub"))} }`,
    ];
    users.push(`    - { name: eve, uid: 3102, gid: 1102, pubkey_file: ${JSON.stringify(securityKey)} }`);
    const text = clone.read("user_config.yml").replace('pubkey_file: "~"', "pubkey_file: ~");
    clone.write("user_config.yml", text.replace("      gid: 1100\n", `      gid: 1100\n${users.join("\n")}\n`));
    writeFileSync(config, "Host other\n  User me\n", { mode: 0o640 });
    await clone.up();
    await clone.ok(["bin/benchbox", "ssh-config", clone.stack]);
  });
  after(async () => {
    await clone.purge();
    assert.equal(readFileSync(config, "utf8"), "Host other\n  User me\n");
    for (const left of ["benchbox", "config.before-benchbox"]) {
      assert.ok(!existsSync(join(clone.home, ".ssh", left)), `the purge left ~/.ssh/${left}`);
    }
    clone.remove();
    rmSync(scratch, { recursive: true });
  });

  const key = (name: string, kind: string): Promise<string> =>
    clone.ok(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", `${name} of the test`, "-f", join(scratch, name)]);
  const start = (...words: string[]) => clone.start(["ssh", "-F", link, "-o", "BatchMode=yes", ...words]);
  const run = (...words: string[]): Promise<Run> => start(...words).finished;
  const ssh = async (...words: string[]): Promise<string> => {
    const { code, output } = await run(...words);
    assert.equal(code, 0, output);
    return output;
  };
  /** Runs a shell script on this host, with the ssh command and its options in "$@". */
  const shell = (script: string, environment?: NodeJS.ProcessEnv): Promise<string> =>
    clone.ok(["bash", "-ec", script, "bash", "ssh", "-F", config, "-o", "BatchMode=yes"], environment);
  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const isSilent = (): Promise<void> => assertSilent(clone);
  const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
    for (let tries = 0; !(await holds()); tries++) {
      assert.ok(tries < 100, what);
      await sleep(100);
    }
  };

  test("commands, login shells and terminals", async () => {
    assert.equal(await ssh(box, "id -un"), "peid\n");
    assert.equal((await run(box, "exit 7")).code, 7);
    assert.equal(await ssh(box, "bash -lc 'shopt login_shell'"), "login_shell    \ton\n");
    const typed = await shell(`printf 'tty; echo $((6*7)); exit\\n' | "$@" -tt ${box}`);
    assert.match(typed, /\/dev\/pts\/\d+\r\n/);
    assert.match(typed, /^42\r$/m);
    const bytes = randomBytes(2 ** 20);
    writeFileSync(join(scratch, "bytes"), bytes);
    const sum = createHash("sha256").update(bytes).digest("hex");
    assert.match(await shell(`"$@" ${box} sha256sum <"${scratch}/bytes"`), new RegExp(sum));
  });

  test("sftp, scp and rsync copy a folder to the box and back", async () => {
    mkdirSync(join(scratch, "tree/sub"), { recursive: true });
    writeFileSync(join(scratch, "tree/sub/ü file"), "text\n", { mode: 0o750 });
    const rsync = await debianTool(["rsync", "libpopt0"]);
    const library = execFileSync("find", [rsync, "-name", "libpopt.so.0", "-printf", "%h"], { encoding: "utf8" });
    const steps = [
      `printf 'put -Rp tree sftp\\nget -Rp sftp back-sftp\\n' | sftp -q -F "$5" -b - ${box}`,
      `scp -q -r -F "$5" tree ${box}:scp; scp -q -r -F "$5" ${box}:scp back-scp`,
      `rsync() { LD_LIBRARY_PATH=${library} ${rsync}/usr/bin/rsync -a -e "ssh -F '$config'" "$@"; }`,
      `config=$5; rsync tree/ ${box}:rsync; rsync ${box}:rsync/ back-rsync`,
    ];
    const words = ["bash", "-ec", `cd "$1"\n${steps.join("\n")}`, "bash", scratch, "-", "-", "-", config];
    await clone.ok(words);
    for (const way of ["sftp", "scp", "rsync"]) {
      assert.equal(readFileSync(join(scratch, `back-${way}/sub/ü file`), "utf8"), "text\n", way);
    }
  });

  test("forwarding: a port of the box, a port of this host, a socket of the box, and SOCKS", async () => {
    const [local, remote, socks, toSocket] = [
      await freePort(),
      20_000 + (process.pid % 10_000),
      await freePort(),
      await freePort(),
    ];
    const here = createServer((_, response) => response.end("from here"));
    await new Promise<void>((resolve) => here.listen(0, "127.0.0.1", resolve));
    const herePort = (here.address() as AddressInfo).port;
    const server = [
      "import socketserver, threading, http.server as h",
      "class H(h.BaseHTTPRequestHandler):",
      "  def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'from the box')",
      "  def log_message(self, *a): pass",
      "  def address_string(self): return ''",
      "class U(socketserver.UnixStreamServer): pass",
      "import os; os.path.exists('/tmp/there.sock') and os.remove('/tmp/there.sock')",
      "threading.Thread(target=U('/tmp/there.sock', H).serve_forever).start()",
      "h.HTTPServer(('127.0.0.1', 18000), H).serve_forever()",
    ].join("\n");
    const words = ["-L", `${local}:127.0.0.1:18000`, "-R", `${remote}:127.0.0.1:${herePort}`, "-D", String(socks)];
    words.push("-L", `${toSocket}:/tmp/there.sock`, "-o", "ExitOnForwardFailure=yes");
    const session = start(...words, box, `exec timeout 60 python3 -c "${server}"`);
    try {
      const get = (...options: string[]) =>
        clone.run(["curl", "-sS", "--noproxy", "*", "--max-time", "10", ...options]);
      await until(
        async () => (await get(`http://127.0.0.1:${toSocket}`)).output === "from the box",
        "the forwarded socket does not answer",
      );
      assert.equal((await get(`http://127.0.0.1:${local}`)).output, "from the box");
      const proxied = ["curl", "-sS", "--max-time", "10", "--socks5-hostname", `127.0.0.1:${socks}`];
      assert.equal(
        await clone.ok([...proxied, "http://localhost:18000"], { NO_PROXY: "", no_proxy: "" }),
        "from the box",
      );
      assert.equal(await ssh(box, `curl -sS --noproxy '*' http://127.0.0.1:${remote}`), "from here");
    } finally {
      session.kill();
      await session.finished;
      await new Promise((resolve) => here.close(resolve));
    }
  });

  test("agent forwarding, a shared connection, and a jump through the box", async () => {
    const agent = `ssh-agent bash -ec 'ssh-add -q "${scratch}/agent"; "$@" -A ${box} ssh-add -L' bash "$@"`;
    assert.match(await shell(agent), /agent of the test/);
    const shared = ["-o", `ControlPath=${scratch}/c`, "-o", "ControlPersist=30"];
    assert.equal(await ssh("-o", "ControlMaster=auto", ...shared, box, "echo first"), "first\n");
    assert.match(await ssh(...shared, "-O", "check", box), /Master running/);
    assert.equal(await ssh(...shared, box, "echo second"), "second\n");
    await ssh(...shared, "-O", "exit", box);
    const inner = ["-o", `ProxyJump=${box}`, "-o", "HostName=127.0.0.1", "-o", "Port=22", "-o", `HostKeyAlias=${box}`];
    const known = ["-o", `UserKnownHostsFile="${join(clone.home, ".ssh/benchbox/known_hosts")}"`];
    const identity = ["-i", join(clone.home, ".ssh/id_ed25519"), "-l", "peid"];
    assert.equal(
      await ssh(...inner, ...known, ...identity, "behind", "echo $SSH_CLIENT | cut -d' ' -f1"),
      "127.0.0.1\n",
    );
  });

  test("200 connections in a row, and 20 at once", { timeout: 300_000 }, async () => {
    assert.equal(await shell(`for i in {1..200}; do "$@" ${box} echo x; done | wc -l`), "200\n");
    const many = await Promise.all(Array.from({ length: 20 }, () => run(box, "sleep 1; echo x")));
    assert.deepEqual([...new Set(many.map(({ code, output }) => `${code} ${output}`))], ["0 x\n"]);
  });

  test("like VSCode: a script on the standard input of a shell, and a server behind a SOCKS connection", async () => {
    const socks = await freePort();
    const script =
      "uname -s; test -w ~ && echo writable; python3 -m http.server --bind 127.0.0.1 18001 >/dev/null 2>&1 & echo started; sleep 15";
    const session = clone.start(["bash", "-c", `echo '${script}' | ssh -F '${config}' -T -D ${socks} ${box} bash`]);
    try {
      const words = [
        "curl",
        "-sS",
        "--max-time",
        "5",
        "--socks5-hostname",
        `127.0.0.1:${socks}`,
        "http://127.0.0.1:18001",
      ];
      await until(
        async () => (await clone.run(words, { NO_PROXY: "", no_proxy: "" })).output.includes("Directory listing"),
        "the server behind the SOCKS connection does not answer",
      );
    } finally {
      if (session.pid) process.kill(-session.pid, "SIGTERM");
    }
    // In between, ssh reports connections that were opened before the server listened.
    const lines = (await session.finished).output.split("\n").filter((line) => !line.startsWith("channel "));
    assert.deepEqual(lines.slice(0, 3), ["Linux", "writable", "started"]);
    await ssh(box, "pkill -f http.server");
  });

  test("like PyCharm: a client library other than OpenSSH runs commands and copies files", async () => {
    const client = [
      "import paramiko, sys",
      "c = paramiko.SSHClient(); c.load_host_keys(sys.argv[1])",
      "o = dict(port=int(sys.argv[2]), username='peid', key_filename=sys.argv[3], look_for_keys=False, allow_agent=False)",
      "c.connect('127.0.0.1', **o)",
      "s = c.open_sftp(); s.open('by-library', 'w').write('text'); print(s.stat('by-library').st_size)",
      "print(c.exec_command('cat by-library')[1].read().decode())",
    ].join("\n");
    const words = ["python3", "-c", client, join(clone.home, ".ssh/benchbox/known_hosts"), String(port)];
    assert.equal(
      await clone.ok([...words, join(clone.home, ".ssh/id_ed25519")], pythonTool(["paramiko==5.1.0"])),
      "4\ntext\n",
    );
  });

  test("ssh-audit finds no failure, and warns only about the key exchange that current libraries still need", async () => {
    const audit = ["python3", "-m", "ssh_audit", "--json", "--skip-rate-test", "-p", String(port), "127.0.0.1"];
    const { output } = await clone.run(audit, pythonTool(["ssh-audit==3.9.0"]));
    const found = JSON.parse(output) as Record<
      string,
      { algorithm: string; notes: { fail?: string[]; warn?: string[] } }[]
    >;
    const notes = ["kex", "key", "enc", "mac"].flatMap((part) =>
      (found[part] ?? []).flatMap(({ algorithm, notes: { fail = [], warn = [] } }) =>
        [...fail.map((one) => `fail ${one}`), ...warn.map((one) => `warn ${one}`)].map((one) => `${algorithm}: ${one}`),
      ),
    );
    const classical = "warn does not provide protection against post-quantum attacks"; // docs/decisions/0011
    assert.deepEqual(notes, [`curve25519-sha256: ${classical}`, `curve25519-sha256@libssh.org: ${classical}`]);
    assert.match(found.kex?.[0]?.algorithm ?? "", /^(mlkem768x25519|sntrup761x25519)-/);
  });

  test("every user has only their own keys, whichever way they are configured", async () => {
    const as = (user: string, name: string) =>
      run("-o", "IdentitiesOnly=yes", "-o", `IdentityFile=${join(scratch, name)}`, "-l", user, box, "id -un");
    assert.equal((await as("ada", "ada")).output, "ada\n");
    const keysOf = (user: string): string => docker("exec", clone.name, "cat", `/home/${user}/.ssh/authorized_keys`);
    assert.ok(keysOf("eve").includes(securityKey));
    assert.ok(!keysOf("ada").includes("ssh-ed25519"), "ada has the key of another user");
    assert.equal(docker("exec", clone.name, "stat", "-c", "%U %a", "/home/ada/.ssh/authorized_keys"), "ada 600");
    const { output } = await clone.run(["bin/benchbox", "preview", clone.stack]);
    assert.match(output, /user_config\.yml:\d+: ssh\.pubkey_file: a bare ~ is null in YAML; it is read as "~"/);
    // Only a user without a password becomes root without one.
    assert.match(output, /ada has no password, so sudo does not ask for one \(sudo: false disables sudo\)/);
    const root = async (user: string, name: string): Promise<string> =>
      (
        await run(
          "-o",
          "IdentitiesOnly=yes",
          "-o",
          `IdentityFile=${join(scratch, name)}`,
          "-l",
          user,
          box,
          "sudo -n id -u",
        )
      ).output;
    assert.equal(await root("ada", "ada"), "0\n");
    assert.match(await ssh(box, "sudo -n id -u 2>&1 || true"), /password is required/);
  });

  test("the agent's keys can log in, an agent that is gone is no drift, and a line that the user added stays", async () => {
    const id = containerId();
    await ssh(
      box,
      "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtTFY9GAhtEMZc1veMu53Yx9V68QdQDRy4GPNiTdbvy mine' >> ~/.ssh/authorized_keys",
    );
    const withAgent = (command: string): Promise<Run> =>
      clone.run(["ssh-agent", "bash", "-ec", `ssh-add -q "${scratch}/agent"; ${command}`]);
    const previewed = await withAgent(`bin/pulumi preview -s ${clone.stack}`);
    assert.match(previewed.output, new RegExp(`${clone.name}-start +update`));
    assert.match(
      previewed.output,
      /keys of the SSH agent that the box will also accept \(ssh\.pubkey_file\): agent of the test/,
    );
    const updated = await withAgent(`npm run up -- ${clone.stack}`);
    assert.equal(updated.code, 0, updated.output);
    assert.equal(await ssh("-o", "IdentitiesOnly=yes", "-i", join(scratch, "agent"), box, "id -un"), "peid\n");
    assert.match(await ssh(box, "cat ~/.ssh/authorized_keys"), /^ssh-ed25519 \S+ mine$/m);
    await isSilent();
    assert.equal(containerId(), id);
  });

  test("a stop ends open sessions in time and lets programs save; zombies are reaped; the log goes to stdout", async () => {
    await ssh(box, "(sleep 0.2 &) ; exec sleep 0.5");
    assert.equal(await ssh(box, "ps -eo stat= | grep -c ^Z || test $? = 1"), "0\n");
    const saving = "trap 'sleep 0.3; echo saved >~/saved; exit' TERM; touch ~/ready; while :; do sleep 0.1; done";
    const sessions = [start(box, saving), start(box, "exec sleep 1000")];
    const typing = clone.start(["bash", "-c", `(echo 'touch ~/typed'; sleep 100) | ssh -F '${config}' -tt ${box}`]);
    await until(() => {
      const found = docker("exec", clone.name, "bash", "-c", "ps -eo args=; ls /home/peid").split("\n");
      return ["sleep 1000", "typed", "ready"].every((one) => found.includes(one));
    }, "the sessions do not start");
    const started = Date.now();
    docker("stop", clone.name);
    const took = Date.now() - started;
    assert.ok(took < 3000, `the stop took ${took} ms`);
    assert.equal(docker("container", "inspect", "--format", "{{.State.ExitCode}}", clone.name), "0");
    await Promise.all(sessions.map(({ finished }) => finished));
    if (typing.pid) process.kill(-typing.pid, "SIGTERM");
    await typing.finished;
    await clone.up();
    assert.equal(await ssh("-o", "IdentitiesOnly=yes", "-i", join(scratch, "agent"), box, "id -un"), "peid\n");
    assert.equal(await ssh(box, "cat ~/saved; tail -n 1 ~/.bash_history"), "saved\ntouch ~/typed\n");
    const log = execFileSync("docker", ["logs", clone.name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    assert.match(log, /Accepted publickey for peid/);
    assert.match(log, /Received signal 15; terminating/);
  });

  test("ssh-config writes its own files once, and adds only one line to the user's file", async () => {
    const before = [config, join(clone.home, ".ssh/benchbox/config")].map((file) => statSync(file).mtimeMs);
    await clone.ok(["bin/benchbox", "ssh-config", clone.stack]);
    assert.deepEqual(
      [config, join(clone.home, ".ssh/benchbox/config")].map((file) => statSync(file).mtimeMs),
      before,
    );
    const text = readFileSync(config, "utf8");
    assert.match(text, /^Include "\/.*\/\.ssh\/benchbox\/config"\nHost other\n {2}User me\n$/);
    assert.equal(statSync(config).mode & 0o777, 0o640);
    assert.equal(readFileSync(`${config}.before-benchbox`, "utf8"), "Host other\n  User me\n");
    assert.match(await ssh("-G", "other"), /^user me$/m);
  });

  test("a different host key is refused by `npm run ssh`, by the host entry and by Pulumi", async () => {
    const handed = "/var/lib/benchbox/handed/host-key";
    const swap = (name: string) => `cp /etc/ssh/benchbox/${name} /etc/ssh/benchbox/host_key; pkill -HUP -o -x sshd`;
    const inBox = (command: string): string => docker("exec", clone.name, "bash", "-ec", command);
    inBox("cd /etc/ssh/benchbox; cp -p host_key mine; ssh-keygen -q -t ed25519 -N '' -f other");
    // Empty while the server restarts.
    const shown = (): string =>
      spawnSync("ssh-keyscan", ["-p", String(port), "-t", "ed25519", "127.0.0.1"], { encoding: "utf8" }).stdout;
    const mine = shown();
    inBox(swap("other"));
    try {
      await until(() => shown() !== mine && shown() !== "", "the other key is not shown");
      const byNpm = await clone.run(["bin/benchbox", "ssh", clone.stack, "true"]);
      const byConfig = await run(box, "true");
      for (const { code, output } of [byNpm, byConfig]) {
        assert.equal(code, 255);
        assert.match(output, /Host key verification failed/);
      }
      clone.write("scripts/stage-1/system/uv/changed", "");
      const byPulumi = () => clone.run(["bin/benchbox", "up", clone.stack]);
      const checked = await byPulumi();
      assert.notEqual(checked.code, 0);
      assert.match(checked.output, /ALARM: the box presents another SSH host key/);
      // If somebody hides the change in the box, the connection refuses the key, as it refuses that of a man in the middle.
      inBox(`sha256sum </etc/ssh/benchbox/host_key >${handed}`);
      const connected = await byPulumi();
      assert.notEqual(connected.code, 0);
      assert.match(connected.output, /REMOTE HOST IDENTIFICATION HAS CHANGED/);
    } finally {
      inBox(swap("mine"));
      inBox(`sha256sum </etc/ssh/benchbox/host_key >${handed}`);
      await until(() => shown() === mine, "the box's own key is not shown again");
      inBox("rm /etc/ssh/benchbox/mine /etc/ssh/benchbox/other*");
    }
  });

  test("after a rotation, the old keys are refused, known_hosts is updated, and the container stays", async () => {
    const id = containerId();
    const known = join(clone.home, ".ssh/benchbox/known_hosts");
    const old = readFileSync(known, "utf8");
    writeFileSync(join(scratch, "old_hosts"), old);
    const automation = await ssh(box, "grep automation ~/.ssh/authorized_keys");
    const refused = await clone.run(["bin/benchbox", "rotate-keys", clone.stack]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /Fix: add --yes/);
    await clone.ok(["bin/benchbox", "rotate-keys", clone.stack, "--yes"]);
    assert.equal(containerId(), id);
    assert.notEqual(readFileSync(known, "utf8"), old);
    assert.equal(await ssh(box, "id -un"), "peid\n");
    assert.equal(await clone.ssh("id -un"), "peid\n");
    assert.match(
      (await run("-o", `UserKnownHostsFile=${scratch}/old_hosts`, box, "true")).output,
      /Host key verification failed/,
    );
    const now = await ssh(box, "cat ~/.ssh/authorized_keys");
    assert.ok(!now.includes(automation.trim()), "the old automation key can still log in");
    assert.match(now, /benchbox automation/);
    assert.doesNotMatch(now, /agent of the test/, "a key of an agent that is gone can still log in");
    await assertSilentInFull(clone);
  });

  test("a stack that other hosts can reach requires strong passwords, or warns if weak ones are allowed", async () => {
    const file = `Pulumi.${clone.stack}.yaml`;
    const text = clone.read(file);
    const users = clone.read("user_config.yml");
    try {
      clone.write("user_config.yml", users.replace(/password: .*/, 'password: "123456"'));
      clone.write(file, text.replace("  benchbox:ssh:\n", "  benchbox:ssh:\n    bind: 0.0.0.0\n"));
      const refused = await clone.run(["bin/benchbox", "preview", clone.stack]);
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.output,
        /ssh\.bind: 0\.0\.0\.0 opens the box .* the password of peid is weak: it has fewer than 12 characters/,
      );
      assert.doesNotMatch(refused.output, /123456/);
      clone.write(
        file,
        text.replace("  benchbox:ssh:\n", "  benchbox:ssh:\n    bind: 0.0.0.0\n    allow_weak_password: true\n"),
      );
      const { code, output } = await clone.run(["bin/benchbox", "preview", clone.stack]);
      assert.equal(code, 0, output);
      assert.match(
        output,
        /warning: SSH is published on 0\.0\.0\.0, so other hosts can try the password of peid, which is weak/,
      );
    } finally {
      clone.write(file, text);
      clone.write("user_config.yml", users);
    }
  });

  test("a colleague's key logs in until its last day, and is removed without a trace", async () => {
    const file = join(scratch, "guest");
    await key("guest", "ed25519");
    const run = (...words: string[]) => clone.run(["npm", "run", "--silent", "key", "--", ...words]);
    const before = await clone.ssh("cat ~/.ssh/authorized_keys");
    // Without this host's own keys, and with the host key that `npm run ssh` has just written.
    const only = ["-F", "none", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i", file];
    const pinned = ["-o", `UserKnownHostsFile=.state/known_hosts.${clone.stack}`, "-o", "StrictHostKeyChecking=yes"];
    const login = () =>
      clone.run(["ssh", ...only, ...pinned, "-o", "BatchMode=yes", "-p", String(port), "peid@127.0.0.1", "true"]);
    assert.notEqual((await login()).code, 0);
    assert.match(
      (await run("add", clone.stack, `${file}.pub`, "--until", "2999-12-24")).output,
      /until the end of 2999/,
    );
    assert.equal((await login()).code, 0);
    assert.match((await run("list", clone.stack)).output, /^2999-12-24 {2}/);
    await assertSilent(clone);

    // Its last day is over; sshd refuses the key.
    await clone.ssh("sed -i 's/29991224235959/20200101235959/' ~/.ssh/authorized_keys");
    assert.notEqual((await login()).code, 0);
    assert.match((await run("list", clone.stack)).output, /^2020-01-01 .* expired$/m);

    assert.match((await run("remove", clone.stack, `${file}.pub`)).output, /^removed 1 of 1 keys/);
    assert.equal(await clone.ssh("cat ~/.ssh/authorized_keys"), before);
  });

  test("a wrong key or date is refused, and changes nothing", async () => {
    const add = (...words: string[]) =>
      clone.run(["npm", "run", "--silent", "key", "--", "add", clone.stack, ...words]);
    const pub = join(scratch, "agent.pub");
    for (const [words, message] of [
      [[join(scratch, "agent")], /not a public key; name the file that ends with \.pub/],
      [["ssh-ed25519 AAAA me"], /incomplete or damaged/],
      [["anna"], /neither a public key/],
      [[pub, "--until", "2026-02-30"], /must be a date/],
      [[pub, "--until", "2020-01-01"], /is past/],
    ] as const) {
      const { code, output } = await add(...words);
      assert.equal(code, 1, output);
      assert.match(output, message);
    }
    assert.match(await clone.ok(["npm", "run", "key", "--", "list", clone.stack]), /no keys were added/);
  });

  test("`open` forwards a port, and prints links for editors where there is no desktop", async () => {
    const open = (...words: string[]) =>
      clone.run(["npm", "run", "--silent", "open", "--", ...words], { DISPLAY: "", WAYLAND_DISPLAY: "" });
    const { output } = await open(clone.stack, "vscode", "--folder", "/workspace");
    assert.match(output, new RegExp(`^ {2}code --remote ssh-remote\\+${box} /workspace$`, "m"));
    assert.match(output, new RegExp(`^ {2}vscode://vscode-remote/ssh-remote\\+${box}/workspace$`, "m"));
    assert.match((await open(clone.stack, "pycharm")).output, new RegExp(`choose ${box}`));
    assert.match(
      (await open(clone.stack, "emacs")).output,
      /emacs must be vscode, cursor, pycharm, jupyter, or a port/,
    );
    assert.match((await open(clone.stack)).output, /what is missing/);

    const inner = await freePort();
    const server = `python3 -c 'import http.server as s; s.HTTPServer(("127.0.0.1", ${inner}), s.SimpleHTTPRequestHandler).serve_forever()'`;
    await clone.ssh(`cd /etc; nohup ${server} >/dev/null 2>&1 </dev/null & echo $! >~/server`);
    const forwarding = clone.start(["npm", "run", "--silent", "open", "--", clone.stack, String(inner)]);
    try {
      const name = await clone.ssh("cat /etc/hostname");
      const answers = async () => {
        const answer = await fetch(`http://127.0.0.1:${inner}/hostname`).catch(() => undefined);
        return (await answer?.text()) === name;
      };
      await until(answers, "the port is not forwarded");
    } finally {
      if (forwarding.pid !== undefined) process.kill(-forwarding.pid, "SIGINT");
      await forwarding.finished;
      await clone.ssh("kill $(cat ~/server); rm ~/server");
    }
  });
});
