/** A message of the engine while it pulls. */
export interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

interface Layer {
  phase: "waiting" | "downloading" | "downloaded" | "extracting" | "done";
  bytes: number;
  total: number;
}

const phases: Readonly<Record<string, Layer["phase"]>> = {
  "Pulling fs layer": "waiting",
  Waiting: "waiting",
  Downloading: "downloading",
  "Verifying Checksum": "downloaded",
  "Download complete": "downloaded",
  Extracting: "extracting",
  "Pull complete": "done",
  "Already exists": "done",
};

/** How far a pull is, from the engine's messages. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  /** Digest of the index or manifest that was pulled, once the engine has told. */
  digest: string | undefined;
  /** The engine lost a download and tries it again. */
  wasCut = false;

  /** Takes in a message. Returns whether it was one step on: a retry that brings the same bytes again is not. */
  add({ status = "", id, progressDetail }: PullMessage): boolean {
    this.digest = /^Digest: (sha256:\w+)/.exec(status)?.[1] ?? this.digest;
    if (/^Retrying in/.test(status)) this.wasCut = true;
    const phase = phases[status];
    if (id === undefined || phase === undefined) return false;
    const layer = this.#layers.get(id);
    if (layer === undefined) {
      this.#layers.set(id, { phase, bytes: progressDetail?.current ?? 0, total: progressDetail?.total ?? 0 });
      return true;
    }
    const stepped = phase === "extracting" || (phase !== layer.phase && phase !== "waiting");
    layer.phase = phase;
    if (phase === "downloaded" || phase === "done") layer.bytes = layer.total;
    if (phase !== "downloading") return stepped;
    layer.total = progressDetail?.total ?? layer.total;
    const bytes = progressDetail?.current ?? 0;
    // The last message before a retry claims the whole layer; when it is true, the next phase says so.
    if (bytes <= layer.bytes || bytes === layer.total) return stepped && bytes > 0;
    layer.bytes = bytes;
    this.wasCut = false;
    return true;
  }

  /** Bytes that have come, of the layers whose sizes are known. */
  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  get total(): number {
    return this.#sum(({ total }) => total);
  }

  /** The engine unpacks what has come: it may be silent for minutes, and no source is to blame. */
  get isUnpacking(): boolean {
    const layers = [...this.#layers.values()];
    if (layers.some(({ phase }) => phase === "extracting")) return true;
    return layers.length > 0 && layers.every(({ phase }) => phase === "downloaded" || phase === "done");
  }

  /** @example "812 MB of 3.1 GB (26 %), 5 of 12 layers are in place" */
  describe(): string {
    const layers = [...this.#layers.values()];
    if (layers.length === 0) return "reads what the image consists of";
    // The engine tells a layer's size when its download begins.
    const atLeast = layers.some(({ phase, total }) => phase === "waiting" && total === 0) ? "at least " : "";
    const percent = this.total === 0 ? 0 : Math.floor((100 * this.bytes) / this.total);
    const done = layers.filter(({ phase }) => phase === "done").length;
    const unpacking = this.isUnpacking ? ", unpacking" : "";
    return `${size(this.bytes)} of ${atLeast}${size(this.total)} (${percent} %), ${done} of ${layers.length} layers are in place${unpacking}`;
  }

  #sum(of: (layer: Layer) => number): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + of(layer), 0);
  }
}

/** @example size(3_100_000_000) === "3.1 GB" */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const number = bytes / 1000 ** power;
  return `${number < 10 && power > 0 ? number.toFixed(1) : Math.round(number)} ${units[power]}`;
}
