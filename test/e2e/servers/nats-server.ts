import net from "node:net";
import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  startProcess,
  waitForPort,
} from "../harness.ts";
import { createCertificate } from "./certificate.ts";
import { type Restartable, startRestartable } from "./restartable.ts";

export const natsUser = { username: "watchpost", password: "s3cret" } as const;

export interface NatsServer extends Restartable {
  readonly port: number;
  /** PEM of the authority that its certificate can be verified with; made for TLS alone. */
  readonly caFile: string;
  /** Makes a stream of what is published to these subjects; without TLS. */
  createStream(name: string, subject: string): Promise<void>;
  /** The payloads that a stream has stored, in order. */
  stored(name: string): Promise<readonly string[]>;
}

/** Starts a nats-server with JetStream, into which only `natsUser` may publish. */
export async function startNatsServer(transport: "tcp" | "tls" = "tcp"): Promise<NatsServer> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const [caFile, keyFile] = [folder.join("cert.pem"), folder.join("key.pem")];
  if (transport === "tls") {
    await createCertificate(caFile, keyFile);
  }
  const { username, password } = natsUser;
  const config = folder.join("nats.conf");
  await writeFile(
    config,
    `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${folder.join("store")}" }
authorization { user: ${username}, password: "${password}" }
${transport === "tls" ? `tls { cert_file: "${caFile}", key_file: "${keyFile}" }` : ""}
`,
  );
  const server = cleanUp.use(
    await startRestartable(async () => {
      const process = await startProcess(requireProgram("nats-server"), ["-c", config]);
      await waitForPort(port, process);
      return process;
    }),
  );
  const owned = cleanUp.move();
  return {
    ...server,
    port,
    caFile,
    async createStream(name, subject) {
      const options = { name, subjects: [subject], storage: "file", retention: "limits" };
      await request(port, [[`$JS.API.STREAM.CREATE.${name}`, JSON.stringify(options)]]);
    },
    stored: (name) => readStream(port, name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function readStream(port: number, name: string): Promise<readonly string[]> {
  const [info = ""] = await request(port, [[`$JS.API.STREAM.INFO.${name}`, ""]]);
  const { state } = JSON.parse(info) as { readonly state: { readonly last_seq: number } };
  const asked = Array.from(
    { length: state.last_seq },
    (_, i) => [`$JS.API.STREAM.MSG.GET.${name}`, JSON.stringify({ seq: i + 1 })] as const,
  );
  return (await request(port, asked)).map((answer) => {
    const { message } = JSON.parse(answer) as { readonly message: { readonly data: string } };
    return Buffer.from(message.data, "base64").toString();
  });
}

/** Asks one after the other, each over an inbox of its own; the answers are JSON in one line. */
async function request(
  port: number,
  asked: readonly (readonly [subject: string, payload: string])[],
): Promise<readonly string[]> {
  if (asked.length === 0) {
    return [];
  }
  const { username: user, password: pass } = natsUser;
  const socket = net.connect(port, "127.0.0.1").setEncoding("utf8");
  try {
    socket.write(`CONNECT ${JSON.stringify({ verbose: false, user, pass })}\r\nSUB in.* 1\r\n`);
    asked.forEach(([subject, payload], i) => {
      socket.write(`PUB ${subject} in.${i} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
    });
    const answers = new Map<number, string>();
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.includes("-ERR")) {
        throw new Error(text);
      }
      for (const [, at, payload = ""] of text.matchAll(/MSG in\.(\d+) 1 \d+\r\n(.*)\r\n/g)) {
        answers.set(Number(at), payload);
      }
      if (answers.size === asked.length) {
        break;
      }
    }
    return asked.map((_, i) => answers.get(i) ?? "");
  } finally {
    socket.destroy();
  }
}
