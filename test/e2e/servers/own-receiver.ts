// Receivers of our own making: they can be cut off at any moment, as when their process is killed.
import { once } from "node:events";
import http, { type IncomingHttpHeaders } from "node:http";
import net from "node:net";
import { findFreePort } from "../harness.ts";

export interface OwnReceiver extends AsyncDisposable {
  readonly port: number;
  stops: number;
  start(): Promise<void>;
  /** As when its process is killed: whatever it has not read is gone. */
  stop(): Promise<void>;
}

/** Starts what `createServer` makes, on a port that stays the same. */
export async function startOwnReceiver(createServer: () => net.Server): Promise<OwnReceiver> {
  const port = await findFreePort();
  const sockets = new Set<net.Socket>();
  let server = createServer();
  const receiver: OwnReceiver = {
    port,
    stops: 0,
    async start() {
      server = createServer();
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.once("close", () => sockets.delete(socket));
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async stop() {
      receiver.stops++;
      const closed = once(server, "close");
      server.close();
      sockets.forEach((socket) => socket.resetAndDestroy());
      await closed;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
  await receiver.start();
  return receiver;
}

/** Hands over each text that ends with `separator`. */
export function createTextServer(separator: string, take: (text: string) => void): net.Server {
  return net.createServer((socket) => {
    let rest = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      const parts = `${rest}${text}`.split(separator);
      rest = parts.pop() ?? "";
      parts.forEach(take);
    });
  });
}

/** Hands over each body that came whole, and answers with the status that it is given. */
export function createBodyServer(
  take: (body: string, headers: IncomingHttpHeaders) => number,
): net.Server {
  return http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => response.writeHead(take(body, request.headers)).end());
  });
}
