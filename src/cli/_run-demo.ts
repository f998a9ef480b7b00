import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { UserError } from "../core/errors.ts";
import { writeDemoLog } from "./_demo-log.ts";
import { loadNodeConfig, startNode } from "./_node.ts";
import type { Terminal } from "./command.ts";

const firstPort = 8080;
const portsMax = 100;

/**
 * A whole Watchpost on loopback, watching an access log that is invented as time passes, and its own page. Everything
 * is in a temporary folder that goes away at the end.
 */
export async function runDemo(terminal: Terminal): Promise<void> {
  await using folder = await makeTemporaryFolder();
  const port = await findFreePort();
  const file = path.join(folder.path, "watchpost.yml");
  await writeFile(file, toDemoConfig(port));
  const log = path.join(folder.path, "access.log");
  await writeFile(log, "");
  const config = await loadNodeConfig(file, terminal);
  const closed = new AbortController();
  // Nobody reloads a demo: a terminal that is closed ends it.
  await using listening = new AsyncDisposableStack();
  listening.use(terminal.onHangup(() => closed.abort()));
  await using node = await startNode(config, terminal);
  terminal.note(`Watchpost ${terminal.version}: ${node.url}\n\n${introduction(folder.path)}`);
  if (!node.hasPage) {
    terminal.note("The page has not been built (npm run build); the API answers below /api/v1/.\n");
  }
  const stop = AbortSignal.any([terminal.stop, closed.signal]);
  await writeDemoLog(log, { ...terminal, stop }, () => {});
}

function introduction(folder: string): string {
  return [
    "An access log is being invented and watched live. Within a minute its traffic bursts and the incident",
    "high-traffic opens; it clears when the burst is over. Slow and failing answers follow, then it starts again.",
    "",
    `  configuration and log   ${folder}`,
    "  stop                    Ctrl-C",
    "",
    "",
  ].join("\n");
}

function toDemoConfig(port: number): string {
  return `# The configuration of the demo.
node: { name: demo }
log: { level: warn }
server: { listen: "127.0.0.1:${port}" }
sources:
  shop:
    kind: access-log
    service: shop
    files: access.log
    from: start
    every: 1s
    slow: 1s
    groups:
      - match: ^/api/(?<group>\\w+)
      - match: ^/(?<group>static|images|products|search)
      - { match: ^/$, group: home }
  page:
    kind: http
    service: watchpost
    url: http://127.0.0.1:${port}/
    every: 5s
rules:
  high-traffic: { source: shop, metric: http_requests_total, over: 10s, above: 30/s, clear: 20/s }
  failing-answers:
    source: shop
    metric: http_requests_total
    labels: { status: ["500", "502", "503"] }
    over: 10s
    above: 2/s
    clear: 0.5/s
  slow-answers:
    source: shop
    metric: http_request_duration_seconds
    by: [group]
    quantile: 0.9
    over: 15s
    above: 800ms
    clear: 400ms
    minimum: 20
  page-down: { source: page, metric: check_up, below: 0, for: 15s }
`;
}

/** The first port at or above 8080 on which nobody listens. Throws UserError when a hundred are taken. */
async function findFreePort(): Promise<number> {
  for (let port = firstPort; port < firstPort + portsMax; port++) {
    if (await isFree(port)) {
      return port;
    }
  }
  const last = firstPort + portsMax - 1;
  throw new UserError(
    "LISTEN_REFUSED",
    `no port from ${firstPort} to ${last} is free on 127.0.0.1`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function makeTemporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const made = await mkdtemp(path.join(os.tmpdir(), "watchpost-demo-"));
  return {
    path: made,
    [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }),
  };
}
