// Receivers of lines (Graphite, StatsD, syslog …): the options that their outputs share, and what sends the lines.
import { z } from "zod";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { type TlsFiles, tlsFiles } from "../core/tls-files.ts";
import { createConfirmedStream, createKeptStream } from "./_one-way-stream.ts";

export interface LineReceiver {
  readonly transport: "udp" | "tcp" | "tls";
  readonly host: string;
  readonly port: number;
  readonly packetSize: number;
  readonly confirm: boolean;
  readonly tls?: TlsFiles | undefined;
}

const transports = z.enum(["udp", "tcp", "tls"]);
const ports = z.int().min(1).max(65_535);

const shape = {
  transport: transports.default("tcp"),
  host: z.string().min(1).describe("Name or address of the receiver."),
  port: ports.default(1),
  packetSize: z
    .int()
    .min(256)
    .max(65_507)
    .default(1_432)
    .describe(
      "Largest datagram in bytes, with udp; the default fits into one packet of an Ethernet.",
    ),
  confirm: z
    .boolean()
    .default(true)
    .describe(
      "With tcp and tls, closes the connection after each write and waits until the receiver has " +
        "done so too, which shows that it has read everything. False keeps one connection open; what " +
        "the receiver had not read when it stopped is then lost.",
    ),
  tls: tlsFiles.optional().describe("How to trust and be trusted, with tls."),
};

/** The options of a receiver of lines, to be spread into an output's own; `checkLineReceiver` belongs to them. */
export function lineReceiverOptions(
  transport: LineReceiver["transport"],
  port: number,
): typeof shape {
  return {
    ...shape,
    transport: transports
      .default(transport)
      .describe("How lines travel. Only udp may lose some on their way."),
    port: ports.default(port).describe("Its port."),
  };
}

/** For `superRefine`: refuses what means nothing with the chosen transport. */
export function checkLineReceiver(
  { transport, tls }: Pick<LineReceiver, "transport" | "tls">,
  context: z.core.$RefinementCtx,
): void {
  if (tls !== undefined && transport !== "tls") {
    const message = `means nothing over ${transport}; use transport tls, or leave it out`;
    context.addIssue({ code: "custom", path: ["tls"], message });
  }
}

export interface LineFormat {
  readonly toLines: (batch: Batch) => readonly string[];
  /**
   * Over streams, each line is preceded by its length in bytes and a space, and has a datagram of its own; otherwise
   * lines end with a line feed, and a datagram holds several.
   */
  readonly isCounted?: boolean;
}

/** The whole of an output that turns each batch into lines. */
export async function openLineOutput(
  receiver: LineReceiver,
  format: LineFormat,
  context: OutputContext,
): Promise<OpenOutput> {
  const sender =
    receiver.transport === "udp"
      ? createDatagramLines(receiver, format, context)
      : createStreamLines(receiver, format, context);
  return {
    async write(batches, signal) {
      const lines = batches.flatMap((batch) => format.toLines(batch));
      if (lines.length > 0) {
        await sender.send(lines, signal);
      }
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  };
}

interface LineSender extends AsyncDisposable {
  send(lines: readonly string[], signal: AbortSignal): Promise<void>;
}

function createStreamLines(
  { transport, host, port, confirm, tls }: LineReceiver,
  { isCounted = false }: LineFormat,
  context: OutputContext,
): LineSender {
  const place = { host, port, tls: transport === "tls" ? (tls ?? { verify: true }) : undefined };
  const stream = (confirm ? createConfirmedStream : createKeptStream)(place, context);
  return {
    send: (lines, signal) =>
      stream.send(lines.map(isCounted ? toCounted : toEnded).join(""), signal),
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}

function toCounted(line: string): string {
  return `${Buffer.byteLength(line)} ${line}`;
}

function toEnded(line: string): string {
  return `${line}\n`;
}

/** No datagram of IPv4 can be longer. */
const datagramBytesMax = 65_507;
/** Datagrams that are handed to the network before the first of them is waited for. */
const inFlightMax = 64;

/** Names are resolved for each write anew, so that a receiver may move; a refusal of one datagram ends nothing. */
function createDatagramLines(
  { host, port, packetSize }: LineReceiver,
  { isCounted = false }: LineFormat,
  { network, report }: OutputContext,
): LineSender {
  return {
    async send(lines, signal) {
      const packets = toPackets(lines, isCounted ? undefined : "\n", packetSize);
      const fitting = packets.filter(({ length }) => length <= datagramBytesMax);
      await using sender = await network.openDatagram({ host, port });
      for (let at = 0; at < fitting.length; at += inFlightMax) {
        signal.throwIfAborted();
        const sending = fitting.slice(at, at + inFlightMax).map((packet) => sender.send(packet));
        await Promise.all(sending);
      }
      const left = packets.length - fitting.length;
      report(left === 0 ? undefined : `${left} lines were left out: no datagram holds them`);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/**
 * As many lines in each datagram as fit into `sizeBytes`; a longer line has one of its own. Without a separator, each
 * line has.
 */
export function toPackets(
  lines: readonly string[],
  separator: string | undefined,
  sizeBytes: number,
): readonly Buffer[] {
  const packets: Buffer[] = [];
  let text = "";
  let length = 0;
  for (const line of lines) {
    const lineBytes = Buffer.byteLength(line);
    if (text !== "" && (separator === undefined || length + 1 + lineBytes > sizeBytes)) {
      packets.push(Buffer.from(text));
      text = "";
    }
    [text, length] =
      text === "" ? [line, lineBytes] : [`${text}${separator}${line}`, length + 1 + lineBytes];
  }
  return text === "" ? packets : [...packets, Buffer.from(text)];
}
