/** Powers of 1024, as docker and NVIDIA count. */
const units: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4 };

/** `8g`, `512m`, `64MiB` as bytes; undefined for what is no size. A number needs its unit. */
export function sizeInBytes(text: string): number | undefined {
  const [, digits, unit] = /^([1-9][0-9]{0,5})(?:([kmgt])(?:i?b)?)$/i.exec(text) ?? [];
  const power = units[unit?.toLowerCase() ?? ""];
  return power === undefined ? undefined : Number(digits) * 1024 ** power;
}

/** Bytes as a person writes them: `8g`, `1536m`. */
export function sizeText(bytes: number): string {
  const unit = (["t", "g", "m", "k"] as const).find((one) => bytes > 0 && bytes % 1024 ** (units[one] ?? 0) === 0);
  return unit === undefined ? `${bytes} bytes` : `${bytes / 1024 ** (units[unit] ?? 0)}${unit}`;
}
