import { z } from "zod";
import { normalIds } from "../model/id-list.ts";
import type { Limits } from "../model/machine.ts";
import { sizeInBytes, sizeText } from "../model/size.ts";

/** `benchbox:limits`: the resources of the Docker host that the box may use. */

const mebibyte = 2 ** 20;

/** A size in whole MiB, the unit of the Docker provider. */
export const size = (least: number, example: string) =>
  z.string(`must be a size with a unit, for example ${example}`).transform((text, context): number => {
    const bytes = sizeInBytes(text);
    if (bytes !== undefined && bytes % mebibyte === 0 && bytes >= least) return bytes;
    const message =
      bytes === undefined
        ? `must be a size with a unit (m, g or t), for example ${example}`
        : `must be a whole number of MiB, at least ${sizeText(least)}`;
    context.addIssue({ code: "custom", message, input: text });
    return z.NEVER;
  });

/**
 * Default size of /dev/shm: enough for the batches that PyTorch's data loaders exchange. Docker's default of 64 MiB leads to
 * "Bus error" or "insufficient shared memory". It is an upper bound: only used pages take memory.
 */
const defaultShm = 8 * 2 ** 30;

const ids = (what: string, example: string) => {
  const rule = `must be a list of ${what}, for example ${example}, or gpu`;
  return z.union([z.int(), z.string()], rule).transform((written, context): string => {
    const list = written === "gpu" ? "gpu" : normalIds(String(written));
    if (list !== "") return list;
    context.addIssue({ code: "custom", message: rule, input: written });
    return z.NEVER;
  });
};

export const limitsSchema = z
  .strictObject({
    shm: size(mebibyte, "8g")
      .optional()
      .meta({
        description: "Size of /dev/shm. Only used pages take memory.",
        defaultText: "`8g`, or `memory` where that is less",
        examples: ["32g"],
        effect: "new container",
      }),
    memlock: z
      .union([z.literal("unlimited"), size(mebibyte, "64m")], "must be a size, for example 64m, or unlimited")
      .optional()
      .meta({
        description: "Memory that a process may lock.",
        defaultText: "`unlimited`, as NVIDIA recommends, where the Docker host allows it",
        examples: ["64m", "unlimited"],
        effect: "new container",
      }),
    stack: size(mebibyte, "64m")
      .optional()
      .meta({
        description: "Stack size of a process.",
        defaultText: "`64m`, as NVIDIA recommends, where the Docker host allows it",
        examples: ["64m"],
        effect: "new container",
      }),
    nofile: z
      .int("must be a whole number of files, for example 1048576")
      .min(1024, "must be at least 1024: programs rely on that many")
      .optional()
      .meta({
        description: "Number of files that a process may have open.",
        defaultText: "the limit of the Docker Engine",
        examples: [1048576],
        effect: "new container",
      }),
    ipc: z
      .enum(["private", "shareable", "host"], 'must be "private", "shareable" or "host"')
      .default("private")
      .meta({
        description:
          "IPC namespace: `host` shares memory with programs on the Docker host; `shareable` lets other containers join.",
        examples: ["host"],
        effect: "new container",
      }),
    cpus: z
      .number("must be a number of CPUs, for example 8 or 1.5")
      .min(0.01, "must be at least 0.01")
      .multipleOf(0.01, "must have at most two decimal places")
      .optional()
      .meta({ description: "Number of CPUs.", defaultText: "unlimited", examples: [8, 1.5], effect: "in place" }),
    memory: size(64 * mebibyte, "64g")
      .optional()
      .meta({ description: "Memory.", defaultText: "unlimited", examples: ["64g"], effect: "in place" }),
    swap: size(mebibyte, "16g")
      .optional()
      .meta({ description: "Swap beyond `memory`.", defaultText: "none", examples: ["16g"], effect: "in place" }),
    pids: z
      .union(
        [z.literal("unlimited"), z.int().min(256, "must be at least 256: a few sessions use that many")],
        "must be a whole number of processes and threads, for example 16384, or unlimited",
      )
      .optional()
      .meta({
        description: "Maximum number of processes and threads together.",
        defaultText: "16384",
        examples: [32768, "unlimited"],
        effect: "in place",
      }),
    nproc: z
      .int("must be a whole number of processes, for example 4096")
      .min(256, "must be at least 256: a few sessions use that many")
      .optional()
      .meta({
        description:
          "Number of processes and threads of one user (ulimit). The kernel counts those of the same uid on the whole host; `pids` " +
          "limits the box alone.",
        defaultText: "the limit of the Docker Engine",
        examples: [4096],
        effect: "new container",
      }),
    rtprio: z
      .int("must be a whole number, for example 50")
      .min(1, "must be at least 1")
      .max(99, "must be at most 99")
      .optional()
      .meta({
        description: "Highest real-time priority that a process may set for itself (ulimit), for robots and audio.",
        defaultText: "the limit of the Docker Engine, usually none",
        examples: [50],
        effect: "new container",
      }),
    cpuset: ids("CPUs", "0-7,16")
      .optional()
      .meta({
        description: "CPUs that the box may use; `gpu` for those next to its GPUs (their NUMA node).",
        defaultText: "all",
        examples: ["0-7,16-23", "gpu"],
        effect: "in place",
      }),
    cpuset_mems: ids("NUMA nodes", "0")
      .optional()
      .meta({
        description:
          "NUMA nodes whose memory the box may use; `gpu` for those of its GPUs. Pages that are in use stay where they are.",
        defaultText: "all",
        examples: ["0", "gpu"],
        effect: "in place",
      }),
    hugepages: z
      .enum(["2m", "1g"], 'must be the size of a page, "2m" or "1g"')
      .optional()
      .meta({
        description:
          "Mounts the host's huge pages of this size at /dev/hugepages, for every user. The host must reserve them.",
        defaultText: "none",
        examples: ["2m"],
        effect: "new container",
      }),
    oom_score_adj: z
      .int("must be a whole number, for example 500")
      .min(0, "must be at least 0: a box must not be killed later than the host's own services")
      .max(1000, "must be at most 1000")
      .optional()
      .meta({
        description:
          "How early the kernel ends the box's programs when the host's memory is used up, from 0, like other programs, to 1000, first. " +
          "It does not apply to `docker exec`.",
        defaultText: "0",
        examples: [500],
        effect: "in place",
      }),
    log: z
      .strictObject({
        max_size: size(mebibyte, "10m")
          .prefault("10m")
          .meta({ description: "Maximum size of a file.", examples: ["50m"] }),
        max_file: z
          .int("must be a whole number of files, for example 3")
          .min(1, "must be at least 1")
          .max(100, "must be at most 100")
          .default(3)
          .meta({ description: "Number of files.", examples: [5] }),
      })
      .prefault({})
      .meta({
        description: "The container's log, with the output of the SSH server and the entrypoint (`docker logs`).",
        effect: "new container",
      }),
  })
  .transform((limits, context): Limits => {
    const { memory, swap, ipc, log } = limits;
    const refuse = (path: string, message: string, input: unknown): void =>
      context.addIssue({ code: "custom", path: [path], message, input });
    if (swap !== undefined && memory === undefined) {
      refuse("swap", "requires `memory` to be set", sizeText(swap));
    }
    if (ipc === "host" && limits.shm !== undefined) {
      refuse("shm", "cannot be set with ipc: host, which uses the host's /dev/shm", sizeText(limits.shm));
    }
    const shm = ipc === "host" ? undefined : (limits.shm ?? Math.min(defaultShm, memory ?? defaultShm));
    if (memory !== undefined && shm !== undefined && shm > memory) {
      const message = `must not exceed the box's memory, ${sizeText(memory)}, which it is part of`;
      refuse("shm", message, sizeText(shm));
    }
    const { cpuset_mems: cpusetMems, oom_score_adj: oomScoreAdj, ...others } = limits;
    return {
      ...others,
      ...(cpusetMems !== undefined && { cpusetMems }),
      ...(oomScoreAdj !== undefined && { oomScoreAdj }),
      shm,
      log: { maxSize: log.max_size, maxFile: log.max_file },
    };
  })
  .meta({ description: "The resources of the Docker host that the box may use." });
