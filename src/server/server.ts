import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { fastify } from "fastify";
import { describeIssue } from "../config/describe-issue.ts";
import { UserError, describeError } from "../core/errors.ts";
import { checkHost, checkOrigin, checkToken, securityHeaders } from "./access.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import { HttpProblem, toHttpProblem } from "./http-problem.ts";
import type { Hub } from "./hub.ts";
import type { PageAsset } from "./page-assets.ts";
import type { Route, StreamClient } from "./route.ts";
import { routes } from "./routes.ts";
import { answerStream } from "./answer-stream.ts";

export interface ServerOptions {
  readonly hub: Hub;
  readonly assets: ReadonlyMap<string, PageAsset>;
}

export interface RunningServer extends AsyncDisposable {
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
}

/** Listens and serves until disposed. Throws UserError LISTEN_REFUSED when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port } = options.hub.server.listen;
  const app = createApp(options);
  try {
    const url = await app.listen({ host, port });
    return { url: `${url}/`, [Symbol.asyncDispose]: () => app.close() };
  } catch (error) {
    await app.close();
    const message = `cannot listen on ${host}:${port}: ${describeError(error)}`;
    throw new UserError("LISTEN_REFUSED", message, { cause: error });
  }
}

/** A request has to have arrived within. */
const requestTimeoutMs = 30_000;

/** The application without a socket; tests ask it by `inject`. */
export function createApp(options: ServerOptions): FastifyInstance {
  const { hub } = options;
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void =>
    sendProblem({ error, request, reply, hub });
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: 64 * 1024,
    requestTimeout: requestTimeoutMs,
    // Left to checkHost, which says more.
    http: { requireHostHeader: false },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders);
      answerError(error, request, reply);
    },
  });
  const closing = new AbortController();
  const clients = new Set<StreamClient>();
  app.addHook("preClose", async () => closing.abort());
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    checkHost(request.headers.host, hub.server);
  });
  app.setErrorHandler(answerError);
  for (const route of routes) {
    const exposeHeadRoute = route.kind === "json";
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      await answerRoute({ route, hub, request, reply, closing: closing.signal, clients });
      return reply;
    };
    if (route.kind === "action") {
      app.post(route.path, answer);
    } else {
      app.get(route.path, { exposeHeadRoute }, answer);
    }
  }
  app.setNotFoundHandler((request, reply) => answerOther(options, request, reply));
  return app;
}

/** What is no route of ours: the page, the outputs' routes, and nothing. */
async function answerOther(
  { hub: { engine, server }, assets }: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const path = request.url.split("?", 1)[0] ?? "/";
  const isRead = request.method === "GET" || request.method === "HEAD";
  const asset = isRead ? assets.get(path) : undefined;
  if (asset !== undefined) {
    return sendAsset(reply, asset);
  }
  const route = isRead ? engine.outputRoute(path) : undefined;
  if (route !== undefined) {
    checkToken(request.headers.authorization, server);
    const answer = await route.handle({ accept: request.headers.accept ?? "" });
    const headers = { "cache-control": "no-store", ...answer.headers };
    return reply.status(answer.status).headers(headers).send(answer.body);
  }
  if (isRead && path === "/" && assets.size === 0) {
    return reply.type("text/plain; charset=utf-8").send(noPageText);
  }
  throw new HttpProblem(404, "NOT_FOUND", `there is nothing to ${request.method} at ${path}`);
}

const noPageText =
  "Watchpost is running, but its page has not been built (npm run build). The API answers below /api/v1/.\n";

interface Exchange {
  readonly route: Route;
  readonly hub: Hub;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
  /** Those that read a stream now. */
  readonly clients: Set<StreamClient>;
}

async function answerRoute(exchange: Exchange): Promise<void> {
  const { route, hub, request, reply } = exchange;
  if (route.isPublic !== true) {
    checkToken(request.headers.authorization, hub.server);
  }
  if (route.kind === "stream") {
    const query = parseQuery(route, request.query);
    await answerStream({ ...exchange, route, query });
    return;
  }
  const isAction = route.kind === "action";
  if (isAction) {
    checkOrigin(request.headers);
  }
  const given = isAction ? (request.body ?? {}) : request.query;
  const answer = await route.handle(parseQuery(route, given), hub);
  await reply.header("cache-control", "no-store").send(answer);
}

function parseQuery(route: Pick<Route, "query">, given: unknown): Record<string, unknown> {
  const parsed = route.query.safeParse(given, { error: describeIssue, reportInput: true });
  if (!parsed.success) {
    const known = Object.keys(route.query.shape);
    const problems = parsed.error.issues.flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map(
          (key) => `${key} is not known; known are ${known.join(", ") || "none"}`,
        );
      }
      const isMissing = issue.code === "invalid_type" && issue.input === undefined;
      return [`${issue.path.join(".")} ${isMissing ? "is missing" : issue.message}`];
    });
    throw new HttpProblem(400, "REQUEST_INVALID", problems.join("; "));
  }
  return parsed.data;
}

function sendAsset(
  reply: FastifyReply,
  { contentType, body, isImmutable }: PageAsset,
): FastifyReply {
  const caching = isImmutable ? "public, max-age=31536000, immutable" : "no-cache";
  return reply.status(200).header("cache-control", caching).type(contentType).send(body);
}

interface Failure {
  readonly error: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly hub: Hub;
}

function sendProblem({ error, request, reply, hub }: Failure): void {
  const known = toHttpProblem(error);
  if (known === undefined) {
    const path = request.url.split("?", 1)[0];
    const stack = error instanceof Error ? error.stack : undefined;
    hub.environment.log("error", `${request.method} ${path} failed: ${describeError(error)}`, {
      stack,
    });
  }
  const message = "the request failed; the log of the node has the reason";
  const problem = known ?? new HttpProblem(500, "INTERNAL", message);
  if (problem.status === 401) {
    reply.header("www-authenticate", "Bearer");
  }
  reply
    .status(problem.status)
    .headers({ "content-type": "application/problem+json", "cache-control": "no-store" })
    .send(JSON.stringify(problem));
}
