import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
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

/** Live connections at the same time. */
export const clientsMax = 200;
/** A comment keeps proxies from closing a stream that is silent. */
const heartbeatMs = 15_000;
/** A client that takes nothing for so long is dropped; it may come back and go on where it was. */
const stalledMaxMs = 30_000;

/** Sends server-sent events until the client goes, the server stops or the route ends. */
export async function answerStream(exchange: StreamExchange): Promise<void> {
  const { route, query, hub, reply, closing, clients } = exchange;
  if (clients.size >= clientsMax) {
    const message = `${clientsMax} live connections are open already`;
    throw new HttpProblem(503, "REQUEST_INVALID", message);
  }
  const gone = new AbortController();
  const { raw } = reply;
  const { clock, log } = hub.environment;
  raw.once("close", () => gone.abort());
  raw.on("error", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  const client = createClient(exchange, signal);
  clients.add(client);
  try {
    startEvents(reply);
    void beat(raw, clock, signal);
    await route.stream(query, hub, client);
  } catch (error) {
    if (!signal.aborted) {
      log("warn", `live connection: ${describeError(error)}`);
    }
  } finally {
    clients.delete(client);
    raw.end();
    gone.abort();
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

async function beat(raw: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(heartbeatMs, signal);
      if (!raw.writableNeedDrain) {
        raw.write(": ping\n\n");
      }
    }
  } catch {
    // The stream is over.
  }
}

function createClient({ hub, request, reply }: StreamExchange, signal: AbortSignal): StreamClient {
  const lastEventId = request.headers["last-event-id"];
  const { raw } = reply;
  return {
    signal,
    lastEventId: typeof lastEventId === "string" && lastEventId !== "" ? lastEventId : undefined,
    async send({ name, id, data }) {
      signal.throwIfAborted();
      const idLine = id === undefined ? "" : `id: ${id}\n`;
      if (!raw.write(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`)) {
        await waitForRoom(raw, hub.environment.clock, signal);
      }
    },
  };
}

/** Resolves when the client has taken what was written; rejects when it is gone or takes nothing. */
async function waitForRoom(raw: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  const drained = new AbortController();
  void dropWhenStalled(raw, clock, AbortSignal.any([signal, drained.signal]));
  try {
    await once(raw, "drain", { signal });
  } finally {
    drained.abort();
  }
}

async function dropWhenStalled(
  raw: ServerResponse,
  clock: Clock,
  over: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(stalledMaxMs, over);
  } catch {
    return; // It took what there was, or is gone.
  }
  raw.destroy();
}
