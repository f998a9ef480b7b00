// Compressed logs, as they were written: also several members or frames one after the other, as
// `cat *.gz` and log rotation make them.

import zlib from "node:zlib";

export const compressions = ["none", "gzip", "zstd"] as const;
export type Compression = (typeof compressions)[number];

/** Compressions that are recognised and not read, with the program that does. */
const foreign: readonly (readonly [magic: readonly number[], name: string, program: string])[] = [
  [[0x42, 0x5a, 0x68], "bzip2", "bzip2 -dc"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz", "xz -dc"],
  [[0x50, 0x4b, 0x03, 0x04], "zip", "unzip -p"],
  [[0x04, 0x22, 0x4d, 0x18], "lz4", "lz4 -dc"],
];

/** As many bytes as tell every compression. */
export const magicBytes = 6;

/** By the first bytes; the name does not matter. A problem is the end of a sentence about the file. */
export function detectCompression(head: Uint8Array): Compression | { readonly problem: string } {
  if (startsWith(head, [0x1f, 0x8b])) {
    return "gzip";
  }
  const isSkippable =
    ((head[0] ?? 0) & 0xf0) === 0x50 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]);
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd]) || isSkippable) {
    return "zstd";
  }
  const found = foreign.find(([magic]) => startsWith(head, magic));
  return found === undefined
    ? "none"
    : {
        problem:
          `is compressed with ${found[1]}, which is not read here; ` +
          `pipe it in: ${found[2]} FILE | watchpost report -`,
      };
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

/** Of an output that is not full when the damage is met, nothing comes out. */
const outputBytes = 64 * 1024;

/** What is inside compressed bytes, given out as it is found. */
export interface Decompressor {
  /** Resolves once the bytes are used up. Rejects when they are damaged. */
  write(bytes: Uint8Array): Promise<void>;
  /** Rejects when something is missing at the end. */
  end(): Promise<void>;
}

/** `onBytes` gets all that could be read, also before a failure; the bytes are its own to keep. */
export function createDecompressor(
  compression: Compression,
  onBytes: (bytes: Uint8Array) => void,
): Decompressor {
  if (compression === "none") {
    return {
      write: async (bytes) => onBytes(bytes),
      end: async () => {},
    };
  }
  let frame = openFrame(compression, onBytes);
  return {
    async write(bytes) {
      let rest = bytes;
      while (rest.length > 0) {
        const used = await frame.write(rest);
        rest = rest.subarray(used);
        if (rest.length > 0) {
          frame = openFrame(compression, onBytes);
        }
      }
    },
    end: () => frame.end(),
  };
}

interface Frame {
  /** How many of the bytes belong to the frame: all of them, unless it ended. */
  write(bytes: Uint8Array): Promise<number>;
  end(): Promise<void>;
}

/**
 * Node's Zstd stream ends with its first frame and drops what is behind it, but says how much it
 * took; its Gunzip reads all members.
 */
function openFrame(compression: "gzip" | "zstd", onBytes: (bytes: Uint8Array) => void): Frame {
  const options = { chunkSize: outputBytes };
  const stream =
    compression === "gzip" ? zlib.createGunzip(options) : zlib.createZstdDecompress(options);
  let settle: ((error?: Error) => void) | undefined;
  stream.on("data", onBytes);
  stream.on("error", (error) => settle?.(error));
  stream.on("end", () => settle?.());
  let written = 0;
  const turn = async (start: (done: () => void) => void): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    settle = (error) => (error === undefined ? resolve() : reject(error));
    start(resolve);
    await promise;
  };
  return {
    async write(bytes) {
      const before = written;
      await turn((done) => stream.write(bytes, (error) => (error ? settle?.(error) : done())));
      written += bytes.length;
      return Math.min(bytes.length, stream.bytesWritten - before);
    },
    end: () => turn(() => stream.end()),
  };
}
