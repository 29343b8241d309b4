import { execFileSync } from "node:child_process";
import { observeBox } from "../../src/observe/box.ts";
import { Clone, freePort } from "../support/clone.ts";
import type { Row } from "./report.ts";
import { secondsOf } from "./statistics.ts";

/** The folders of a box's tools, which are empty at the start of each run. */
const tools =
  "~/.local/share/benchbox/tools ~/.local/share/benchbox/globals ~/.local/state/benchbox/steps ~/.local/bin ~/.bun";

/** Steps that must run one after the other. */
const chains = [["claude-code"], ["codex-cli"], ["nodejs", "bun-globals"], ["bun", "bun-globals"]];
/** The folders of steps that are not installed in a tool's own folder. */
const places: Readonly<Record<string, string>> = { "bun-globals": "~/.bun ~/.local/share/benchbox/globals" };

/** Measures the first run, compared with a lower bound for its time. */
export async function firstRunRows(times: number, showProgress: (what: string) => void): Promise<Row[]> {
  const clone = new Clone(`benchtools${process.pid}`, await freePort(), {}, "all");
  try {
    showProgress("bringing up a box with every tool");
    await clone.up();
    const bench = new FirstRunBench(clone, times);
    showProgress("checking every tool");
    const rows = [await bench.check()];
    showProgress("running a changed script");
    rows.push(await bench.changedScript());
    showProgress("reinstalling every tool, and the longest chain alone");
    rows.push(await bench.everything());
    return rows;
  } finally {
    await clone.purge();
    clone.remove();
  }
}

class FirstRunBench {
  readonly #clone: Clone;
  readonly #times: number;

  constructor(clone: Clone, times: number) {
    this.#clone = clone;
    this.#times = times;
  }

  /** The check of every preview, that each tool is installed and intact: one round trip. */
  async check(): Promise<Row> {
    const ours = await this.#each(() => secondsOf(() => observeBox(this.#clone.name, ["peid"])));
    return { what: "first run, nothing to do", ours, against: "a limit", reference: [1.5], target: 1, unit: "s" };
  }

  /** An `up` for a changed script whose tool is installed, minus the time of an `up` that has nothing to do. */
  async changedScript(): Promise<Row> {
    const script = "scripts/stage-1/system/uv/install-uv.sh";
    const idle = await this.#idle();
    const own: number[] = [];
    const ours = await this.#each(async () => {
      this.#clone.write(script, `${this.#clone.read(script)}# changed\n`);
      const took = await secondsOf(() => this.#up());
      own.push((await this.#secondsInBox("uv")) + 2);
      return took - idle;
    });
    const against = "its own time and 2 s";
    return { what: "first run, a changed script", ours, against, reference: own, target: 1, unit: "s" };
  }

  async everything(): Promise<Row> {
    const idle = await this.#idle();
    const timed = async (gone: string): Promise<number> => {
      // Moves the folders instead of deleting them. For minutes ext4 does not reuse a freed inode, and skips over all of them for each new
      // file (`recently_deleted` in fs/ext4/ialloc.c). No real first run has this cost.
      await this.#clone.ssh(`aside=$(mktemp -d ~/.aside.XXXXXX); mv -t "$aside" $(ls -d ${gone} ~/.cache 2>/dev/null)`);
      // A real first run does not wait for the disk to write what an earlier run left, either.
      execFileSync("sync");
      return (await secondsOf(() => this.#up())) - idle;
    };
    const ours = await this.#each(() => timed(tools));
    const seconds = await Promise.all(chains.map((chain) => this.#secondsOf(chain)));
    const [longest = []] = chains.filter((_, index) => seconds[index] === Math.max(...seconds));
    const reference = await this.#each(() =>
      timed(longest.map((id) => places[id] ?? `~/.local/share/benchbox/tools/${id}`).join(" ")),
    );
    const against = `${longest.join(" and ")} alone`;
    return { what: "first run, every tool", ours, against, reference, target: 1.15, unit: "s" };
  }

  async #idle(): Promise<number> {
    return secondsOf(() => this.#up());
  }

  #up(): Promise<string> {
    return this.#clone.pulumi("up", "--yes", "--skip-preview", "--suppress-progress");
  }

  async #secondsOf(chain: readonly string[]): Promise<number> {
    const each = await Promise.all(chain.map((id) => this.#secondsInBox(id)));
    return each.reduce((sum, one) => sum + one, 0);
  }

  async #secondsInBox(step: string): Promise<number> {
    return (await observeBox(this.#clone.name, ["peid"])).steps.get(step)?.seconds ?? 0;
  }

  async #each(measure: () => Promise<number>): Promise<number[]> {
    const values: number[] = [];
    for (let time = 0; time < this.#times; time++) values.push(await measure());
    return values;
  }
}
