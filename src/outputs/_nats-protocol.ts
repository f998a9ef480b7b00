// The text protocol of NATS (docs.nats.io/reference/reference-protocols/nats-protocol).
import { z } from "zod";

/** What we read of the server's INFO. */
const infoShape = z.looseObject({
  max_payload: z.number().default(1_048_576),
  headers: z.boolean().default(false),
  tls_required: z.boolean().default(false),
  tls_available: z.boolean().default(false),
});

export type NatsInfo = z.output<typeof infoShape>;

/** What the server says. */
export type NatsWord =
  | { readonly kind: "info"; readonly info: NatsInfo }
  | { readonly kind: "ping" | "pong" }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "message"; readonly subject: string; readonly payload: string }
  /** A message without payload: that nobody listens, for example. */
  | { readonly kind: "status"; readonly subject: string; readonly status: number };

/** No control line of a server is longer; INFO names all servers of a cluster. */
const lineBytesMax = 1024 * 1024;
const lineEnd = "\r\n";

/** Takes bytes as they come and gives the words that are whole. Throws for what is not NATS. */
export function createNatsParser(): (bytes: Uint8Array) => readonly NatsWord[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const words: NatsWord[] = [];
    for (;;) {
      const end = rest.indexOf(lineEnd);
      if (end < 0) {
        if (rest.length > lineBytesMax) {
          throw new Error("what it says is not the protocol of NATS");
        }
        return words;
      }
      const line = rest.toString("utf8", 0, end);
      const bodyAt = end + lineEnd.length;
      const [head, total] = readSizes(line);
      if (rest.length < bodyAt + total) {
        return words;
      }
      const body = rest.subarray(bodyAt, bodyAt + total);
      const word = toWord(line, body, head);
      if (word !== undefined) {
        words.push(word);
      }
      rest = rest.subarray(bodyAt + total);
    }
  };
}

/** Of the headers, and of everything behind the line: only messages have any. */
function readSizes(line: string): readonly [headBytes: number, totalBytes: number] {
  const parts = line.split(" ");
  const size = Number(parts.at(-1));
  switch ((parts[0] ?? "").toUpperCase()) {
    case "MSG":
      return [0, size + lineEnd.length];
    case "HMSG":
      return [Number(parts.at(-2)), size + lineEnd.length];
    default:
      return [0, 0];
  }
}

function toWord(line: string, body: Buffer, headBytes: number): NatsWord | undefined {
  const [operation = "", subject = ""] = line.split(" ", 2);
  switch (operation.toUpperCase()) {
    case "INFO":
      return { kind: "info", info: infoShape.parse(JSON.parse(line.slice("INFO ".length))) };
    case "PING":
      return { kind: "ping" };
    case "PONG":
      return { kind: "pong" };
    case "+OK":
      return undefined;
    case "-ERR":
      return { kind: "error", text: line.slice("-ERR ".length).replaceAll("'", "") };
    case "MSG":
    case "HMSG": {
      const [, status] = /^NATS\/1\.0 (\d{3})/.exec(body.toString("latin1", 0, headBytes)) ?? [];
      const payload = body.toString("utf8", headBytes, body.length - lineEnd.length);
      return status === undefined
        ? { kind: "message", subject, payload }
        : { kind: "status", subject, status: Number(status) };
    }
    default:
      throw new Error("what it says is not the protocol of NATS");
  }
}

export interface NatsMessage {
  readonly subject: string;
  /** What a stream knows repetitions by. */
  readonly id: string;
  readonly payload: string;
}

/** With the id as a header, where the server knows headers; with `reply`, a stream answers there. */
export function toPublish(
  { subject, id, payload }: NatsMessage,
  { headers }: Pick<NatsInfo, "headers">,
  reply?: string,
): string {
  const to = reply === undefined ? subject : `${subject} ${reply}`;
  const size = Buffer.byteLength(payload);
  if (!headers) {
    return `PUB ${to} ${size}\r\n${payload}\r\n`;
  }
  const head = `NATS/1.0\r\nNats-Msg-Id: ${id}\r\n\r\n`;
  return `HPUB ${to} ${head.length} ${head.length + size}\r\n${head}${payload}\r\n`;
}
