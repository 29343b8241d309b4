import { crc32, deflateSync } from "node:zlib";

/** A picture with 24-bit colours, written as "#rrggbb". */
export interface Picture {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): string;
}

/** Reads the output of `xwd` for a 24-bit screen: a header of 32-bit numbers, a colour map, and 3 or 4 bytes per pixel. */
export function readXwd(dump: Buffer): Picture {
  const field = (index: number): number => dump.readUInt32BE(4 * index);
  const [headerSize, version, width, height, isLittle, bits, lineBytes, colours] = [
    field(0),
    field(1),
    field(4),
    field(5),
    field(7) === 0,
    field(11),
    field(12),
    field(19),
  ];
  if (version !== 7 || (bits !== 24 && bits !== 32))
    throw new Error(`xwd wrote version ${version} with ${bits} bits per pixel`);
  const start = headerSize + colours * 12;
  const at = (x: number, y: number): string => {
    const bytes = bits / 8;
    const offset = start + y * lineBytes + bytes * x;
    const pixel = isLittle ? dump.readUIntLE(offset, bytes) : dump.readUIntBE(offset, bytes);
    return `#${(pixel & 0xffffff).toString(16).padStart(6, "0")}`;
  };
  return { width, height, at };
}

/** The number of pixels of each colour. */
export function coloursOf(picture: Picture): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const colour = picture.at(x, y);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  }
  return counts;
}

/** Converts a picture to a PNG file, for people. */
export function toPng(picture: Picture): Buffer {
  const rows = Array.from({ length: picture.height }, (_, y) =>
    Buffer.concat([
      Buffer.of(0),
      ...Array.from({ length: picture.width }, (_, x) => Buffer.from(picture.at(x, y).slice(1), "hex")),
    ]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(picture.width, 0);
  header.writeUInt32BE(picture.height, 4);
  header.set([8, 2], 8); // 8 bits for each of red, green and blue
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
