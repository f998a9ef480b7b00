import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { createTempFolder, requireProgram } from "../harness.ts";

const run = promisify(execFile);

export interface GelfPacket {
  /** The first two bytes, by which the dissector goes: 0x7b22 JSON, 0x1f8b gzip, 0x789c zlib, 0x1e0f chunk. */
  readonly type: string;
  readonly isBroken: boolean;
  /** The message's fields as text, where a packet completes one. */
  readonly fields: Readonly<Record<string, string>>;
}

const gelfPort = 12_201;
/** Stands in no text that we send. */
const [between, within] = ["\u0001", "\u0002"];

/** What Wireshark's dissector makes of datagrams. Capturing needs rights; a capture file can be written by anybody. */
export async function dissectGelf(datagrams: readonly Uint8Array[]): Promise<GelfPacket[]> {
  await using folder = await createTempFolder();
  const file = folder.join("gelf.pcap");
  await writeFile(file, Buffer.concat([toFileHeader(), ...datagrams.map(toPacket)]));
  const errors = ["gelf.invalid_header", "gelf.broken_compression", "gelf.fragment.error"];
  const fields = ["gelf.type", ...errors, "json.path_with_value"];
  const shown = fields.flatMap((field) => ["-e", field]);
  const form = ["-E", `separator=${between}`, "-E", `aggregator=${within}`];
  const { stdout } = await run(
    requireProgram("tshark"),
    ["-r", file, "-d", `udp.port==${gelfPort},gelf`, "-T", "fields", ...shown, ...form],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout.trimEnd().split("\n").map(toGelfPacket);
}

function toGelfPacket(line: string): GelfPacket {
  const [type = "", invalid, broken, fragment, paths = ""] = line.split(between);
  const pairs = paths === "" ? [] : paths.split(within);
  return {
    type,
    isBroken: [invalid, broken, fragment].some((error) => error !== undefined && error !== ""),
    fields: Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.indexOf(":");
        return [pair.slice(1, at), pair.slice(at + 1)];
      }),
    ),
  };
}

/** The libpcap format (draft-ietf-opsawg-pcap), packets without a link layer. */
function toFileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2_c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  return header;
}

/** With headers of IPv4 (RFC 791) and UDP (RFC 768) in front, without checksums. */
function toPacket(data: Uint8Array): Buffer {
  const length = 28 + data.length;
  const packet = Buffer.alloc(16 + 28);
  packet.writeUInt32LE(length, 8);
  packet.writeUInt32LE(length, 12);
  packet[16] = 0x45;
  packet.writeUInt16BE(length, 16 + 2);
  packet[16 + 8] = 64;
  packet[16 + 9] = 17;
  packet.set([127, 0, 0, 1, 127, 0, 0, 1], 16 + 12);
  packet.writeUInt16BE(40_000, 16 + 20);
  packet.writeUInt16BE(gelfPort, 16 + 22);
  packet.writeUInt16BE(8 + data.length, 16 + 24);
  return Buffer.concat([packet, data]);
}
