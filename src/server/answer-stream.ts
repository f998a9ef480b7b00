import { once } from "node:events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { describeError, isAbort } from "../core/errors.ts";
import { HttpProblem } from "./http-problem.ts";
import type { Hub } from "./hub.ts";
import type { StreamClient, StreamRoute } from "./route.ts";

export interface StreamExchange {
  readonly route: StreamRoute;
  readonly query: Record<string, unknown>;
  readonly hub: Hub;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly closing: AbortSignal;
  /** Those connected now. */
  readonly clients: Set<StreamClient>;
}

const clientsMax = 200;
/** A comment keeps proxies from closing a stream that is silent. */
const heartbeatMs = 15_000;

/** Sends server-sent events until the client goes, the server stops or the route ends. */
export async function answerStream(exchange: StreamExchange): Promise<void> {
  const { route, query, hub, request, reply, closing, clients } = exchange;
  if (clients.size >= clientsMax) {
    throw new HttpProblem(
      503,
      "REQUEST_INVALID",
      `${clientsMax} live connections are open already`,
    );
  }
  const gone = new AbortController();
  request.raw.once("close", () => gone.abort());
  reply.raw.once("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  const client = createClient(exchange, signal);
  clients.add(client);
  const heartbeat = setInterval(() => reply.raw.write(": ping\n\n"), heartbeatMs);
  try {
    startEvents(reply);
    await route.stream(query, hub, client);
  } catch (error) {
    if (!isAbort(error, signal)) {
      hub.environment.log("warn", `live connection: ${describeError(error)}`);
    }
  } finally {
    clearInterval(heartbeat);
    clients.delete(client);
    reply.raw.end();
  }
}

function startEvents(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...toRawHeaders(reply),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  reply.raw.write(": connected\n\n");
}

/** What the hooks have set would be lost by taking the connection over. */
function toRawHeaders(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders());
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}

function createClient({ request, reply }: StreamExchange, signal: AbortSignal): StreamClient {
  const lastEventId = request.headers["last-event-id"];
  return {
    signal,
    lastEventId: typeof lastEventId === "string" && lastEventId !== "" ? lastEventId : undefined,
    async send({ name, id, data }) {
      const idLine = id === undefined ? "" : `id: ${id}\n`;
      const text = `event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`;
      if (!reply.raw.write(text)) {
        await once(reply.raw, "drain", { signal });
      }
    },
  };
}
