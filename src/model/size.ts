/** Powers of 1024, as in docker's and NVIDIA's sizes. */
const units: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

/** Parses a size such as `8g`, `512m` or `64MiB` into bytes; undefined for other text. The unit is required. */
export function sizeInBytes(text: string): number | undefined {
  const [, digits, unit] = /^([1-9][0-9]{0,5})(?:([kmgt])(?:i?b)?)$/i.exec(text) ?? [];
  const power = units[unit?.toLowerCase() ?? ""];
  return power === undefined ? undefined : Number(digits) * 1024 ** power;
}

/** An exact size in docker's form: `8g`, `1536m`. */
export function sizeText(bytes: number): string {
  const unit = (["t", "g", "m", "k"] as const).find((one) => bytes > 0 && bytes % 1024 ** (units[one] ?? 0) === 0);
  return unit === undefined ? `${bytes} bytes` : `${bytes / 1024 ** (units[unit] ?? 0)}${unit}`;
}

/** A size rounded for people, in powers of 1000: `1.2 GB`. */
export function roundedSize(bytes: number): string {
  const names = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < names.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${names[unit]}`;
}
