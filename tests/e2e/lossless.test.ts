import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Clone, docker, freePort } from "../support/clone.ts";
import { assertSilent, assertSilentInFull } from "./plan.ts";

/** A box with every option for storage, mounts, ports, env and host name, on a real Docker Engine, which never loses data. */
describe("a box that loses nothing", { concurrency: 1 }, () => {
  let clone: Clone;
  let ports: [number, number, number];
  const file = (): string => `Pulumi.${clone.stack}.yaml`;
  const folder = (name: string): string => join(clone.home, name);
  const containerId = (): string => docker("container", "inspect", "--format", "{{.Id}}", clone.name);
  const preview = (...options: string[]) => clone.run(["bin/benchbox", "preview", clone.stack, ...options]);
  const isSilent = (): Promise<void> => assertSilent(clone);

  before(async () => {
    ports = [await freePort(), await freePort(), await freePort()];
    clone = new Clone(`loss${process.pid}`, ports[0]);
    clone.usePreparedBase();
    for (const name of ["in", "out", "ws"]) mkdirSync(folder(name));
    for (const name of ["out", "ws"]) chownSync(folder(name), 3100, 1100);
    writeFileSync(join(folder("in"), "given"), "given\n");
    clone.write(
      file(),
      `${clone.read(file())}
  benchbox:hostname: bench-1
  benchbox:env: { WORDS: "two words $HOME @x", COUNT: "3" }
  benchbox:ports:
    - { host: ${ports[1]}, container: 8889 }
    - { host: ${ports[2]}, container: 80, bind: 0.0.0.0 }
  benchbox:mounts:
    - { host: ${JSON.stringify(folder("in"))}, path: /data/in, read_only: true }
    - { host: ${JSON.stringify(folder("out"))}, path: /data/out }
`,
    );
    await clone.up();
  });
  after(async () => {
    await clone.purge();
    clone.remove();
  });

  test("the box has everything that is configured, and its storage belongs to the user from the first start", async () => {
    assert.equal(await clone.ssh('hostname; echo "$WORDS, $COUNT"'), "bench-1\ntwo words $HOME @x, 3\n");
    const places = "/home/peid /soft /soft/app /soft/data /soft/workspace /workspace";
    assert.equal(await clone.ssh(`stat --format %u:%g ${places} | sort --unique`), "3100:1100\n");
    await clone.ssh("touch /soft/app/x /workspace/x /data/out/x; cat /data/in/given");
    assert.match(
      (await clone.run(["bin/benchbox", "ssh", clone.stack, "touch /data/in/x"])).output,
      /Read-only file system/,
    );
    assert.deepEqual(docker("port", clone.name).split("\n").sort(), [
      `22/tcp -> 127.0.0.1:${ports[0]}`,
      `80/tcp -> 0.0.0.0:${ports[2]}`,
      `8889/tcp -> 127.0.0.1:${ports[1]}`,
    ]);
    await isSilent();
  });

  test("a removed box is created again with all its data", async () => {
    docker("rm", "--force", clone.name);
    const { code, output } = await preview();
    assert.equal(code, 0);
    assert.match(output, /docker:index:Container \S+-container create/);
    assert.doesNotMatch(output, /LOST/);
    await clone.up();
    assert.equal(await clone.ssh("ls /soft/app /workspace"), "/soft/app:\nx\n\n/workspace:\nx\n");
    await isSilent();
  });

  test("a change that replaces the container reports what would be lost, and any other change reports nothing", async () => {
    docker(
      "exec",
      clone.name,
      "bash",
      "-c",
      "mkdir -p /opt/thing/a && head -c 3000000 /dev/urandom >/opt/thing/a/big && touch /tmp/x",
    );
    const text = clone.read(file());
    clone.write("user_config.yml", clone.read("user_config.yml").replace(/password: .*/, 'password: "another-word-1"'));
    assert.doesNotMatch((await preview()).output, /LOST|will be replaced/);
    clone.write(file(), text.replace('COUNT: "3"', 'COUNT: "4"'));
    for (const output of [(await preview()).output, await clone.up()]) {
      assert.match(
        output,
        /Files in \/home\/peid, \/soft, \/workspace are kept\. These files are elsewhere and will be LOST \(1 file, 3\.0 MB\):\n +3\.0 MB +1 file +\/opt\/thing\n/,
      );
    }
    assert.equal(await clone.ssh("echo $COUNT; ls /opt /workspace"), "4\n/opt:\n\n/workspace:\nx\n");
    assert.match(await clone.ssh("uv --version"), /^uv /);
    await isSilent();
  });

  test("a replacement that loses nothing reports that", async () => {
    const text = clone.read(file());
    clone.write(file(), text.replace('COUNT: "4"', 'COUNT: "5"'));
    const { output } = await preview();
    clone.write(file(), text);
    assert.match(output, /The container will be replaced\. Nothing in it would be lost\./);
    assert.doesNotMatch(output, /LOST/);
  });

  test("a folder that is not writable for the user is reported before anything changes", async () => {
    const text = clone.read(file());
    clone.write(file(), `${text}  benchbox:storage: { workspace: ${JSON.stringify(folder("in"))} }\n`);
    const { code, output } = await clone.run(["bin/benchbox", "up", clone.stack]);
    clone.write(file(), text);
    assert.notEqual(code, 0);
    assert.match(output, /belongs to uid 0, gid 0, mode 0755[\s\S]*sudo chown 3100:1100/);
  });

  test("a backup is restored with all attributes of the files", { timeout: 300_000 }, async () => {
    const odd = readFileSync(join(import.meta.dirname, "odd-files.sh"), "utf8");
    docker("exec", clone.name, "bash", "-c", odd, "odd-files", "make", "/soft/odd");
    const listing = (): string => docker("exec", clone.name, "bash", "-c", odd, "odd-files", "list", "/soft/odd");
    const before = listing();
    const archive = join(clone.home, "backup.tar");
    const backup = (): Promise<string> => clone.ok(["bin/benchbox", "backup", clone.stack, archive]);

    // A killed backup leaves no complete file, and the next one keeps the complete parts.
    const killed = clone.start(["bin/benchbox", "backup", clone.stack, archive]);
    const journal = `${archive}.partial.json`;
    while (killed.exitCode === null && !(existsSync(journal) && readFileSync(journal, "utf8").includes("sha256")))
      await sleep(5);
    process.kill(-(killed.pid ?? 0), "SIGKILL");
    await killed.finished;
    assert.ok(!existsSync(archive));
    assert.match(await backup(), /kept from the interrupted run of [\s\S]*with checksums/);
    assert.ok(!existsSync(`${archive}.partial`) && !existsSync(journal));
    assert.match(await clone.ok(["tar", "-tf", archive]), /^soft\.tar$/m);
    assert.match(
      (await clone.run(["bin/benchbox", "backup", clone.stack, archive])).output,
      /already exists and is not overwritten/,
    );

    const restore = (...options: string[]) => clone.run(["bin/benchbox", "restore", clone.stack, archive, ...options]);
    assert.match((await restore()).output, /already have data; nothing was changed/);
    assert.match((await restore("--replace")).output, new RegExp(`Fix: add --replace=${clone.stack}`));
    assert.match((await restore("--replace=other")).output, /does not name the stack \S+; nothing was changed/);

    docker("exec", clone.name, "bash", "-c", "rm -rf /soft/odd; echo later >/soft/later; echo later >/home/peid/later");
    const damaged = readFileSync(archive);
    damaged[1024] = 255 - (damaged[1024] ?? 0);
    writeFileSync(`${archive}.bad`, damaged);
    const bad = await clone.run(["bin/benchbox", "restore", clone.stack, `${archive}.bad`, `--replace=${clone.stack}`]);
    assert.match(bad.output, /is damaged: checksum mismatch in \S+\.tar/);
    assert.equal(await clone.ssh("cat /soft/later"), "later\n");

    const restored = await restore(`--replace=${clone.stack}`);
    assert.equal(restored.code, 0, restored.output);
    await clone.up();
    assert.equal(listing(), before);
    assert.equal(await clone.ssh("ls -A /soft ~/later 2>&1 | grep -c -e later -e benchbox-restore"), "1\n"); // the error about ~/later
    assert.match(await clone.ssh("uv --version; stat --format %U:%a /soft ~"), /^uv .*\npeid:755\npeid:700\n/);
    await isSilent();
  });

  test("the home of a removed user stays, a preview reports that, and the same user gets it back", async () => {
    const alone = clone.read("user_config.yml");
    const withGuest = alone.replace(/( +)gid: 1100\n/, "$&    - name: guest\n      uid: 3101\n      gid: 1101\n");
    const volume = `${clone.name}-home-guest`;
    clone.write("user_config.yml", withGuest);
    await clone.up();
    docker("exec", "--user", "guest", clone.name, "bash", "-c", "echo hers >~/hers");
    clone.write("user_config.yml", alone);
    const report = new RegExp(`The files in /home/guest stay in ${volume}, which the new container does not mount`);
    assert.match((await preview()).output, report);
    await clone.up();
    assert.match(docker("volume", "ls", "--quiet"), new RegExp(`^${volume}$`, "m"));
    assert.throws(() => docker("exec", clone.name, "id", "guest"));
    await isSilent();
    docker("rm", "--force", clone.name);
    await clone.up();
    clone.write("user_config.yml", withGuest);
    await clone.up();
    assert.equal(docker("exec", "--user", "guest", clone.name, "bash", "-c", "cat ~/hers"), "hers");
    clone.write("user_config.yml", alone);
    await clone.up();
    await isSilent();
  });

  test("`down` lists the files that are in no volume, and on a terminal asks before it removes the box", async () => {
    docker("exec", clone.name, "bash", "-c", "mkdir -p /opt/thing && head -c 3000000 /dev/urandom >/opt/thing/big");
    const id = containerId();
    // Input before the question would not count as an answer.
    const answer = (word: string) =>
      clone.run([
        "bash",
        "-c",
        `touch asked; { until grep -q 'Continue?' asked; do sleep 0.2; done; echo ${word}; } |
          script --quiet --flush --return --command 'npm run down -- ${clone.stack}' asked; code=$?; rm asked; exit $code`,
      ]);
    const refused = await answer("n");
    assert.match(
      refused.output,
      /The container will be removed\. Files in [^\n]*\/home\/peid[^\n]* are kept\. These files are elsewhere and will be LOST/,
    );
    assert.match(refused.output, /3\.0 MB +1 file +\/opt\/thing\r?\n[\s\S]*nothing was changed/);
    assert.notEqual(refused.code, 0);
    assert.equal(containerId(), id);
    assert.match(await clone.down(), /LOST[\s\S]*is down; its volumes and keys are kept/);
    assert.throws(containerId);
    await clone.up();
  });

  test("after a change of a user's ids, the user still owns their files in volumes, and a host folder stays unchanged", async () => {
    mkdirSync(folder("theirs"));
    chmodSync(folder("theirs"), 0o777);
    chownSync(folder("theirs"), 3100, 1100);
    const text = clone.read(file());
    clone.write(file(), `${text}  benchbox:storage: { data: ${JSON.stringify(folder("theirs"))} }\n`);
    const users = clone.read("user_config.yml");
    clone.write("user_config.yml", users.replace("uid: 3100", "uid: 3200").replace("gid: 1100", "gid: 1200"));
    await clone.up();
    const places = "/home/peid /soft /workspace -path /soft/data -prune -o";
    assert.equal(await clone.ssh(`id -u; find ${places} '(' -uid 3100 -o -gid 1100 ')' -print`), "3200\n");
    assert.equal(
      await clone.ssh("stat --format %u:%g ~ ~/.ssh /soft/app/x /soft/data | uniq"),
      "3200:1200\n3100:1100\n",
    );
    await isSilent();
    clone.write(file(), text);
    chownSync(folder("ws"), 3200, 1200);
  });

  // Simulates an interrupted restore by recreating what it had done by then.
  test("an interrupted restore loses nothing: the next one detects the old data, and puts it back if it fails", async () => {
    const files = () => clone.ssh("cd /soft; find . -type f | sort");
    const before = await files();
    assert.notEqual(before, "");
    const archive = join(clone.home, "all.tar");
    await clone.ok(["bin/benchbox", "backup", clone.stack, archive]);
    const inSoft = (script: string) => docker("exec", clone.name, "bash", "-c", `cd /soft; ${script}`);
    const stage = ".benchbox-restore";
    inSoft(`mkdir -p ${stage}/new ${stage}/old
      find . -mindepth 1 -maxdepth 1 ! -name ${stage} -exec mv -t ${stage}/old {} +; mkdir ${stage}/moved`);
    const { code, output } = await clone.run(["bin/benchbox", "restore", clone.stack, archive]);
    assert.equal(code, 1);
    assert.match(output, /\bsoft\b.* already have data; nothing was changed/);

    const script = readFileSync(new URL("../../src/cli/archive/unpack", import.meta.url), "utf8");
    const image = docker("container", "inspect", "--format", "{{.Config.Image}}", clone.name);
    const helper = ["run", "--rm", "--interactive", "--entrypoint=bash", `--volume=${clone.name}-soft:/data`, image];
    const isUndone = async (): Promise<void> => {
      assert.notEqual(spawnSync("docker", [...helper, "-c", script], { input: "no archive" }).status, 0);
      assert.equal(await files(), before);
    };
    inSoft("touch half"); // of the new archive
    await isUndone();
    // The roll-back was interrupted as well.
    inSoft(`mkdir -p ${stage}/new ${stage}/old; mv app ${stage}/old`);
    await isUndone();
    // Everything was done except removing the replaced data.
    inSoft(`mkdir -p ${stage}/new ${stage}/replaced ${stage}/moved; touch ${stage}/replaced/former`);
    await isUndone();
  });

  test("storage that becomes a host folder keeps its volume, and a purge keeps the folder", async () => {
    const text = clone.read(file());
    clone.write(file(), `${text}  benchbox:storage: { workspace: ${JSON.stringify(folder("ws"))} }\n`);
    await clone.up();
    await clone.ssh("echo mine >/workspace/mine");
    await assertSilentInFull(clone);
    assert.equal(readFileSync(join(folder("ws"), "mine"), "utf8"), "mine\n");
    assert.match(docker("volume", "ls", "--quiet"), new RegExp(`^${clone.name}-workspace$`, "m"));
    await clone.down();
    assert.match(docker("volume", "ls", "--quiet"), new RegExp(`^${clone.name}-soft$`, "m"));
    // A run that was killed while it created the container must not get in the way.
    const killed = clone.start(["bin/benchbox", "up", clone.stack]);
    const state = `.state/.pulumi/stacks/benchbox/${clone.stack}.json`;
    while (killed.exitCode === null && !/"type": ?"creating"/.test(clone.read(state))) await sleep(20);
    process.kill(-(killed.pid ?? 0), "SIGKILL");
    await killed.finished;
    clone.write(`${state}.attrs`, ""); // as for a moment while the state is written
    assert.match(
      await clone.purge(),
      /released the lock of an earlier run on the stack \S+ that was killed[\s\S]*are removed/,
    );
    assert.doesNotMatch(docker("volume", "ls", "--quiet"), new RegExp(`^${clone.name}`, "m"));
    assert.equal(readFileSync(join(folder("ws"), "mine"), "utf8"), "mine\n");
    rmSync(folder("ws"), { recursive: true });
  });
});
