import dgram from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import type {
  Address,
  Connection,
  DatagramReceiver,
  DatagramSender,
  IncomingConnection,
  ListenOptions,
  Listening,
  Network,
  ReceiveOptions,
  TlsOptions,
} from "../core/network.ts";

/** The real network. */
export const systemNetwork: Network = {
  async connect(address, { signal, tls: tlsOptions, negotiateTls }) {
    signal.throwIfAborted();
    const socket = watch(openSocket(address, negotiateTls ? undefined : tlsOptions), signal);
    const isSecure = tlsOptions !== undefined && negotiateTls === undefined;
    await once(socket, isSecure ? "secureConnect" : "connect");
    if (negotiateTls === undefined) {
      return toConnection(socket);
    }
    try {
      const begins = await negotiateTls(toConnection(socket));
      return toConnection(
        begins ? await beginTls(socket, tlsOptions ?? {}, { address, signal }) : socket,
      );
    } catch (error) {
      socket.destroy();
      throw error;
    }
  },

  async openDatagram({ host, port }) {
    // Once for all datagrams: Node would ask the resolver for each of them. Connecting is avoided, since a socket that
    // is connected fails after each refusal of the other side.
    const { address, family } = await lookup(host);
    const socket = dgram.createSocket({ type: family === 6 ? "udp6" : "udp4" });
    socket.on("error", () => {});
    socket.unref();
    return toSender(socket, address, port);
  },

  listen,
  receiveDatagrams,
};

async function listen(
  { host, port, connectionsMax, idleMs, refused }: ListenOptions,
  serve: (connection: IncomingConnection) => Promise<void>,
): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  // Kept alive, so that who vanished without a word does not hold a place for ever.
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true };
  const server = net.createServer(options, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.setTimeout(idleMs, () => socket.destroy());
    void answer(socket, serve);
  });
  server.maxConnections = connectionsMax;
  server.on("drop", () => refused?.());
  server.listen({ host, port });
  await once(server, "listening");
  // What happens to a listening socket later is told to those who connect.
  server.on("error", () => {});
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      const closed = Promise.withResolvers<void>();
      // Called with an error when it is closed already, which is as good.
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}

/** Who went away or was cut off in the middle of a conversation is nobody's failure. */
async function answer(
  socket: net.Socket,
  serve: (connection: IncomingConnection) => Promise<void>,
): Promise<void> {
  const peer = toPeer(socket.remoteAddress ?? "");
  try {
    await serve({ ...toConnection(socket), peer });
    socket.end(() => socket.destroy());
  } catch {
    socket.destroy();
  }
}

function toPeer(address: string): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, "");
}

async function receiveDatagrams(
  { host, port, bufferBytes }: ReceiveOptions,
  receive: (bytes: Uint8Array, peer: string) => void,
): Promise<DatagramReceiver> {
  const { address, family } = await lookup(host);
  const type = family === 6 ? "udp6" : "udp4";
  const socket = dgram.createSocket({ type, recvBufferSize: bufferBytes });
  socket.on("message", (bytes, { address: peer }) => receive(bytes, toPeer(peer)));
  socket.bind({ address, port });
  try {
    await once(socket, "listening");
  } catch (error) {
    // Node keeps its descriptor, and whoever waits for the address tries again and again.
    socket.close();
    throw error;
  }
  // What happens to the socket later is told to nobody: datagrams promise nothing.
  socket.on("error", () => {});
  const bound = socket.address().port;
  const before = await countDropped(type, bound);
  return {
    port: bound,
    async countLost() {
      const now = await countDropped(type, bound);
      return before === undefined || now === undefined ? undefined : now - before;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Of the sockets on a port, as Linux counts them: the last column of proc(5)'s net/udp. */
async function countDropped(type: "udp4" | "udp6", port: number): Promise<number | undefined> {
  const table = await readSocketTable(`/proc/net/${type === "udp6" ? "udp6" : "udp"}`);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    ?.split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = ""]) => local.endsWith(suffix))
    .reduce((sum, columns) => sum + Number(columns.at(-1)), 0);
}

async function readSocketTable(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return undefined;
  }
}

/** Ends it when the signal aborts. */
function watch(socket: net.Socket, signal: AbortSignal): net.Socket {
  const onAbort = (): void => void socket.destroy(toError(signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", onAbort));
  // An error is told to whoever writes or reads; without a listener it would end the process.
  socket.on("error", () => {});
  return socket;
}

/** On a connection over which was talked in the clear. */
async function beginTls(
  socket: net.Socket,
  options: TlsOptions,
  { address, signal }: { readonly address: Address; readonly signal: AbortSignal },
): Promise<net.Socket> {
  const host = "host" in address ? address.host : undefined;
  const secure = watch(tls.connect({ socket, ...toNodeTls(options, host) }), signal);
  await once(secure, "secureConnect");
  return secure;
}

function openSocket(address: Address, tlsOptions: TlsOptions | undefined): net.Socket {
  if (tlsOptions === undefined) {
    return net.connect("path" in address ? address : { ...address, noDelay: true });
  }
  return tls.connect({
    ...("path" in address ? address : { host: address.host, port: address.port }),
    ...toNodeTls(tlsOptions, "host" in address ? address.host : undefined),
  });
}

/** Node's names for the options of a TLS client. */
export function toNodeTls(options: TlsOptions, host?: string): tls.ConnectionOptions {
  const { ca, certificate, key, verify = true } = options;
  const serverName =
    options.serverName ?? (host !== undefined && net.isIP(host) === 0 ? host : undefined);
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

function toConnection(socket: net.Socket): Connection {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    end: () => new Promise((resolve) => socket.end(resolve)),
    chunks: { [Symbol.asyncIterator]: () => socket.iterator({ destroyOnReturn: false }) },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

function toSender(socket: dgram.Socket, host: string, port: number): DatagramSender {
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.send(bytes, port, host, (error) => (error ? reject(error) : resolve()));
      }),
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
