/** Progress of a long step. On a terminal it rewrites one line; otherwise it prints a line every 15 seconds. */
export interface Step {
  /** Shows what the step is doing now. */
  doing(what: string): void;
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function startStep(name: string, screen: Screen, now: () => number = Date.now): Step {
  const started = now();
  let current = "";
  let lastPrinted = started;
  const print = (): void => {
    const text = `  ${name}: ${current} (${elapsed(now() - started)})`;
    if (screen.isTTY) {
      screen.write(`\r\u001b[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
    } else if (now() - lastPrinted >= 15_000) {
      lastPrinted = now();
      screen.write(`${text}\n`);
    }
  };
  const timer = setInterval(print, 1000);
  timer.unref();
  return {
    doing(what) {
      if (what === current) return;
      current = what;
      if (screen.isTTY) print();
      else screen.write(`  ${name}: ${what} ...\n`);
    },
    end() {
      clearInterval(timer);
      if (screen.isTTY && current) screen.write("\r\u001b[K");
    },
  };
}

/** A duration: `8 s`, `1 min 12 s`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
