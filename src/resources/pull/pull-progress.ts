import { roundedSize } from "../../model/size.ts";

/** A message that the Docker Engine sends during a pull. */
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

/** The progress of a pull, from the Docker Engine's messages. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  /** Digest of the pulled index or manifest, once the Docker Engine has reported it. */
  digest: string | undefined;
  /** Whether the Docker Engine lost the connection during a download and has received nothing since. */
  isRetrying = false;

  /** Takes in a message. @returns whether the pull made progress; a retry that downloads the same bytes again is none */
  add({ status = "", id, progressDetail }: PullMessage): boolean {
    this.digest = /^Digest: (sha256:\w+)/.exec(status)?.[1] ?? this.digest;
    if (/^Retrying in/.test(status)) this.isRetrying = true;
    const phase = phases[status];
    if (id === undefined || phase === undefined) return false;
    const layer = this.#layers.get(id);
    if (layer === undefined) {
      this.#layers.set(id, { phase, bytes: progressDetail?.current ?? 0, total: progressDetail?.total ?? 0 });
      return true;
    }
    const hasProgressed = phase === "extracting" || (phase !== layer.phase && phase !== "waiting");
    layer.phase = phase;
    if (phase === "downloaded" || phase === "done") layer.bytes = layer.total;
    if (phase !== "downloading") return hasProgressed;
    layer.total = progressDetail?.total ?? layer.total;
    const bytes = progressDetail?.current ?? 0;
    // The last message before a retry claims the whole layer. If the claim is true, the next phase confirms it.
    if (bytes <= layer.bytes || bytes === layer.total) return hasProgressed && bytes > 0;
    layer.bytes = bytes;
    this.isRetrying = false;
    return true;
  }

  /** Downloaded bytes, of the layers whose sizes are known. */
  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  /** Size in bytes of the layers whose sizes are known. */
  get total(): number {
    return this.#sum(({ total }) => total);
  }

  /** Whether the Docker Engine unpacks layers: it may then be silent for minutes, which is not the source's fault. */
  get isUnpacking(): boolean {
    const layers = [...this.#layers.values()];
    if (layers.some(({ phase }) => phase === "extracting")) return true;
    return layers.length > 0 && layers.every(({ phase }) => phase === "downloaded" || phase === "done");
  }

  /** @example "812 MB of 3.1 GB (26 %), 5 of 12 layers complete" */
  describe(): string {
    const layers = [...this.#layers.values()];
    if (layers.length === 0) return "reading the manifest";
    // The Docker Engine reports a layer's size when its download begins.
    const atLeast = layers.some(({ phase, total }) => phase === "waiting" && total === 0) ? "at least " : "";
    const percent = this.total === 0 ? 0 : Math.floor((100 * this.bytes) / this.total);
    const done = layers.filter(({ phase }) => phase === "done").length;
    const unpacking = this.isUnpacking ? ", unpacking" : "";
    return `${roundedSize(this.bytes)} of ${atLeast}${roundedSize(this.total)} (${percent} %), ${done} of ${layers.length} layers complete${unpacking}`;
  }

  #sum(of: (layer: Layer) => number): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + of(layer), 0);
  }
}
