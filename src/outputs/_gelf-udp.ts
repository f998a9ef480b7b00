// GELF over UDP: one datagram for each message, or chunks of it
// (go2docs.graylog.org/current/getting_in_log_data/gelf.html, "GELF via UDP").
import { randomBytes } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import type { OutputContext } from "../core/component.ts";
import { toSizeText } from "../core/units.ts";
import type { Compression, GelfTransport } from "./_gelf-transport.ts";

export interface GelfUdpOptions {
  readonly host: string;
  readonly port: number;
  readonly compression: Compression;
  /** The largest datagram, with its header. */
  readonly chunkBytes: number;
}

const headerBytes = 12;
/** A receiver discards messages of more chunks. */
const chunksMax = 128;
/** Datagrams that are handed to the network before the first of them is waited for. */
const inFlightMax = 64;

/** Names are resolved for each write anew, so that a receiver may move; a refusal of one datagram ends nothing. */
export function createGelfUdp(
  { host, port, compression, chunkBytes }: GelfUdpOptions,
  { network, report }: Pick<OutputContext, "network" | "report">,
): GelfTransport {
  return {
    async send(batches, signal) {
      await using sender = await network.openDatagram({ host, port });
      let refused = 0;
      let inFlight: Promise<void>[] = [];
      for (const message of batches.flatMap(({ messages }) => messages)) {
        const datagrams = toDatagrams(compress(message, compression), chunkBytes);
        refused += datagrams.length === 0 ? 1 : 0;
        for (const datagram of datagrams) {
          inFlight.push(sender.send(datagram));
        }
        if (inFlight.length >= inFlightMax) {
          await Promise.all(inFlight);
          signal.throwIfAborted();
          inFlight = [];
        }
      }
      await Promise.all(inFlight);
      report(refused === 0 ? undefined : describeRefused(refused, chunkBytes));
    },
    async [Symbol.asyncDispose]() {},
  };
}

function describeRefused(refused: number, chunkBytes: number): string {
  const limit = toSizeText(chunksMax * (chunkBytes - headerBytes));
  return `${refused} messages were left out: over UDP a receiver takes no more than ${limit} each; use transport tcp`;
}

export function compress(message: string, compression: Compression): Uint8Array<ArrayBuffer> {
  switch (compression) {
    case "none":
      return Buffer.from(message);
    case "gzip":
      return gzipSync(message);
    case "zlib":
      return deflateSync(message);
  }
}

/**
 * The datagrams of one message: itself when it fits, else chunks of `1e 0f`, an id of 8 bytes, number and count. None
 * when it would take more chunks than receivers accept.
 */
export function toDatagrams(
  message: Uint8Array<ArrayBuffer>,
  chunkBytes: number,
): readonly Uint8Array<ArrayBuffer>[] {
  if (message.length <= chunkBytes) {
    return [message];
  }
  const dataBytes = chunkBytes - headerBytes;
  const count = Math.ceil(message.length / dataBytes);
  if (count > chunksMax) {
    return [];
  }
  const id = randomBytes(8);
  return Array.from({ length: count }, (_, i) => {
    const header = Buffer.from([0x1e, 0x0f, ...id, i, count]);
    return Buffer.concat([header, message.subarray(i * dataBytes, (i + 1) * dataBytes)]);
  });
}
