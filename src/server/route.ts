// What a route is. One file each in routes/, listed in routes.ts; validation and the API's description come from it.
import type { z } from "zod";
import type { Hub } from "./hub.ts";

interface RouteBase<Query extends z.ZodObject> {
  readonly path: string;
  /** One sentence, starting with a verb. */
  readonly summary: string;
  /** Of an action: its body. */
  readonly query: Query;
  /** Needs no token: it tells nothing about what is watched. */
  readonly isPublic?: true;
}

export interface RouteExample {
  readonly title: string;
  /** What stands behind the question mark. */
  readonly query: string;
}

/** Answers a GET with JSON. */
export interface JsonRoute<
  Query extends z.ZodObject = z.ZodObject,
  Reply extends z.ZodType = z.ZodType,
> extends RouteBase<Query> {
  readonly kind: "json";
  readonly reply: Reply;
  /** For the reference and the API's description; each is asked in a test. Not needed without parameters. */
  readonly examples?: readonly RouteExample[];
  /** Throws HttpProblem for what the client can mend. */
  handle(query: z.output<Query>, hub: Hub): Promise<z.input<Reply>>;
}

/** Answers a GET with server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html) until either side ends. */
export interface StreamRoute<Query extends z.ZodObject = z.ZodObject> extends RouteBase<Query> {
  readonly kind: "stream";
  /** Event names and what their data is. */
  readonly events: Readonly<Record<string, string>>;
  stream(query: z.output<Query>, hub: Hub, client: StreamClient): Promise<void>;
}

/** Answers a POST, whose body is JSON, with JSON: something happens. Only pages of this server's own may ask. */
export interface ActionRoute<
  Body extends z.ZodObject = z.ZodObject,
  Reply extends z.ZodType = z.ZodType,
> extends RouteBase<Body> {
  readonly kind: "action";
  readonly reply: Reply;
  /** Throws HttpProblem for what the client can mend. */
  handle(body: z.output<Body>, hub: Hub): Promise<z.input<Reply>>;
}

export type Route = JsonRoute | StreamRoute | ActionRoute;

/** One connected reader of a stream. */
export interface StreamClient {
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
  /** The id of the last event that the client saw before it reconnected. */
  readonly lastEventId: string | undefined;
  /** Resolves when the client can take more. */
  send(event: {
    readonly name: string;
    readonly id?: string;
    readonly data: unknown;
  }): Promise<void>;
}

/** Returns its argument; exists so that `handle` gets the types of `query` and `reply`. */
export function defineRoute<Query extends z.ZodObject, Reply extends z.ZodType>(
  route: JsonRoute<Query, Reply>,
): JsonRoute<Query, Reply> {
  return route;
}

export function defineAction<Body extends z.ZodObject, Reply extends z.ZodType>(
  route: ActionRoute<Body, Reply>,
): ActionRoute<Body, Reply> {
  return route;
}

export function defineStream<Query extends z.ZodObject>(
  route: StreamRoute<Query>,
): StreamRoute<Query> {
  return route;
}
