import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { fastify } from "fastify";
import { describeIssue } from "../config/describe-issue.ts";
import { UserError, describeError } from "../core/errors.ts";
import { checkHost, checkToken, securityHeaders } from "./access.ts";
import { HttpProblem } from "./http-problem.ts";
import type { Hub } from "./hub.ts";
import type { PageAsset } from "./page-assets.ts";
import type { JsonRoute, Route, StreamClient } from "./route.ts";
import { routes } from "./routes.ts";
import { answerStream } from "./answer-stream.ts";

export interface ServerOptions {
  readonly hub: Hub;
  readonly assets: ReadonlyMap<string, PageAsset>;
  /** Ports to try after the configured one, for the demo; the real thing takes the configured one or fails. */
  readonly portsMax?: number;
}

export interface RunningServer extends AsyncDisposable {
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
}

/** Listens and serves until disposed. Throws UserError LISTEN_REFUSED when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine } = options.hub;
  const { host, port } = engine.config.server.listen;
  const app = createApp(options);
  await app.ready();
  for (let offset = 0; ; offset++) {
    try {
      const url = await app.listen({ host, port: port + offset });
      return { url: `${url}/`, [Symbol.asyncDispose]: () => app.close() };
    } catch (error) {
      if (offset + 1 >= (options.portsMax ?? 1) || !isAddressInUse(error)) {
        const message = `cannot listen on ${host}:${port}: ${describeError(error)}`;
        throw new UserError("LISTEN_REFUSED", message, { cause: error });
      }
    }
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** The application without a socket; tests ask it by `inject`. */
export function createApp(options: ServerOptions): FastifyInstance {
  const { hub, assets } = options;
  const { engine } = hub;
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: 64 * 1024,
    exposeHeadRoutes: true,
  });
  const closing = new AbortController();
  const clients = new Set<StreamClient>();
  app.addHook("preClose", async () => closing.abort());
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(securityHeaders);
    checkHost(request.headers.host, engine.config.server);
  });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
  for (const route of routes) {
    app.get(route.path, async (request, reply) => {
      await answerRoute({ route, hub, request, reply, closing: closing.signal, clients });
      return reply;
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "/";
    const asset = assets.get(path);
    if (asset !== undefined) {
      return sendAsset(reply, asset);
    }
    const route = engine.outputRoute(path);
    if (route !== undefined) {
      checkToken(request.headers.authorization, engine.config.server);
      const answer = await route.handle({ accept: request.headers.accept ?? "" });
      return reply.status(answer.status).headers(answer.headers).send(answer.body);
    }
    if (path === "/" && assets.size === 0) {
      return reply.type("text/plain").send(noPageText);
    }
    throw new HttpProblem(404, "NOT_FOUND", `there is nothing at ${path}`);
  });
  return app;
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
    checkToken(request.headers.authorization, hub.engine.config.server);
  }
  if (route.kind === "stream") {
    const query = parseQuery(route, request.query);
    await answerStream({ ...exchange, route, query });
    return;
  }
  const answer = await route.handle(parseQuery(route, request.query), hub);
  await reply.header("cache-control", "no-store").send(answer);
}

function parseQuery(route: Pick<JsonRoute, "query">, given: unknown): Record<string, unknown> {
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

function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const problem =
    error instanceof HttpProblem
      ? error
      : new HttpProblem(
          500,
          "REQUEST_INVALID",
          "the request failed; the log of the node has the reason",
        );
  if (problem.status === 401) {
    reply.header("www-authenticate", "Bearer");
  }
  return reply
    .status(problem.status)
    .type("application/problem+json")
    .send(JSON.stringify(problem));
}
