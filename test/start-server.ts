// The hub's server over an engine of puppets, asked by `inject` or over a real socket.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Hub } from "../src/server/hub.ts";
import type { PageAsset } from "../src/server/page-assets.ts";
import { createApp } from "../src/server/server.ts";
import { type EngineGiven, type EngineWorld, startEngine, toConfigText } from "./start-engine.ts";

export interface ServerWorld extends AsyncDisposable {
  readonly world: EngineWorld;
  readonly hub: Hub;
  readonly app: FastifyInstance;
}

export interface ServerGiven {
  /** The section `server` of the configuration, in YAML's flow form. */
  readonly server?: string;
  readonly token?: string;
  readonly assets?: ReadonlyMap<string, PageAsset>;
  /** A configuration without the section. */
  readonly config?: string;
  readonly own?: EngineGiven["own"];
}

const source = "a: { kind: counter, name: a, service: web }";
const page = "x: { kind: page, name: x, page: /pages/x }";

function describeApi(): { openapi: string } {
  return { openapi: "3.1.0" };
}

export async function createServer({
  server = "{}",
  token,
  assets = new Map(),
  config = toConfigText([source], [page]),
  own,
}: ServerGiven = {}): Promise<ServerWorld> {
  const world = await startEngine(`server: ${server}\n${config}`, own && { own });
  const { engine, node } = world;
  engine.config.server.token?.resolve(token ?? "");
  const hub: Hub = {
    engine,
    environment: node.environment,
    server: engine.config.server,
    version: "1.2.3",
    describeApi,
  };
  const app = createApp({ hub, assets });
  return {
    world,
    hub,
    app,
    async [Symbol.asyncDispose]() {
      await app.close();
      await world.stop();
    },
  };
}

export interface SentEvent {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: { readonly [key: string]: unknown };
}

export interface EventClient extends Disposable {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Those that came and were not taken yet, up to the first that fits; waits for it. Rejects when the stream ends. */
  until(fits: (event: SentEvent) => boolean): Promise<readonly SentEvent[]>;
  /** Resolves when the stream is over: true when the server has ended it, false when it was cut off. */
  readonly ended: Promise<boolean>;
  /** How many comments came: what keeps a silent stream alive. */
  readonly comments: () => number;
}

/** Reads server-sent events, as strictly as the server has to write them. */
export async function connectEvents(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventClient> {
  const asked = request(new URL(path, origin), { headers, agent: false });
  asked.on("error", () => {});
  asked.end();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the event "response" brings
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const events: SentEvent[] = [];
  const ended = Promise.withResolvers<boolean>();
  let changed = Promise.withResolvers<void>();
  let isOver = false;
  let comments = 0;
  let text = "";
  response.setEncoding("utf8");
  response.on("error", () => {});
  response.on("data", (chunk: string) => {
    const blocks = `${text}${chunk}`.split("\n\n");
    text = blocks.pop() ?? "";
    comments += blocks.filter(isComment).length;
    events.push(...blocks.filter((block) => !isComment(block)).map(parseEvent));
    changed.resolve();
  });
  response.on("close", () => {
    isOver = true;
    ended.resolve(response.complete);
    changed.resolve();
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    ended: ended.promise,
    comments: () => comments,
    async until(fits) {
      for (;;) {
        const index = events.findIndex(fits);
        if (index !== -1) {
          return events.splice(0, index + 1);
        }
        if (isOver) {
          throw new Error("the stream has ended");
        }
        await changed.promise;
        changed = Promise.withResolvers();
      }
    },
    [Symbol.dispose]: () => asked.destroy(),
  };
}

function isComment(block: string): boolean {
  return block.startsWith(": ");
}

function parseEvent(block: string): SentEvent {
  const [, name, id, data] = /^event: (\w+)\n(?:id: ([^\n]+)\n)?data: ([^\n]+)$/.exec(block) ?? [];
  if (name === undefined || data === undefined) {
    throw new Error(`not an event: ${block}`);
  }
  return { name, id, data: JSON.parse(data) };
}
