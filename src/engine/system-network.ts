import dgram from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type {
  Address,
  Connection,
  DatagramSender,
  IncomingConnection,
  ListenOptions,
  Listening,
  Network,
  TlsOptions,
} from "../core/network.ts";

/** The real network. */
export const systemNetwork: Network = {
  async connect(address, { signal, tls: tlsOptions }) {
    signal.throwIfAborted();
    const socket = openSocket(address, tlsOptions);
    const onAbort = (): void => void socket.destroy(toError(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
    // An error is told to whoever writes or reads; without a listener it would end the process.
    socket.on("error", () => {});
    await once(socket, tlsOptions === undefined ? "connect" : "secureConnect");
    return toConnection(socket);
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
};

async function listen(
  { host, port, connectionsMax, idleMs }: ListenOptions,
  serve: (connection: IncomingConnection) => Promise<void>,
): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.setTimeout(idleMs, () => socket.destroy());
    void answer(socket, serve);
  });
  server.maxConnections = connectionsMax;
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
  const peer = (socket.remoteAddress ?? "").replace(/^::ffff:(?=[0-9.]+$)/i, "");
  try {
    await serve({ ...toConnection(socket), peer });
    socket.end(() => socket.destroy());
  } catch {
    socket.destroy();
  }
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
    chunks: socket,
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
