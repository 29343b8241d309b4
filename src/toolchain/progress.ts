/** A long step, told while it lasts: on a terminal in one line that is rewritten, else in a line every 15 seconds. */
export interface Step {
  /** What is being done now. */
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
  let told = started;
  const tell = (): void => {
    const text = `  ${name}: ${current} (${elapsed(now() - started)})`;
    if (screen.isTTY) {
      screen.write(`\r\u001b[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
    } else if (now() - told >= 15_000) {
      told = now();
      screen.write(`${text}\n`);
    }
  };
  const timer = setInterval(tell, 1000);
  timer.unref();
  return {
    doing(what) {
      if (what === current) return;
      current = what;
      if (screen.isTTY) tell();
      else screen.write(`  ${name}: ${what} ...\n`);
    },
    end() {
      clearInterval(timer);
      if (screen.isTTY && current) screen.write("\r\u001b[K");
    },
  };
}

/** `8 s`, `1 min 12 s`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
