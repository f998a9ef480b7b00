// A log of the demo's shop that `watchpost top` follows, in a world of its own.
import { createLogGenerator } from "../src/access-log/log-generator.ts";
import { parseSourceFormat } from "../src/access-log/parse-source-format.ts";
import type { WatchedLog } from "../src/cli/top/open-logs.ts";
import { TopSession } from "../src/cli/top/top-session.ts";
import { type FakeEnvironment, createFakeEnvironment } from "./fake-environment.ts";

export interface ShopSession extends AsyncDisposable {
  readonly session: TopSession;
  readonly fake: FakeEnvironment;
}

const file = "/var/log/shop.log";
const nowMs = Date.parse("2026-10-10T13:55:36Z");
const writtenMs = 180_000;

/** Three minutes of log, and the session two seconds after its start: the last windows have closed. */
export async function startShopSession(extra: readonly string[] = []): Promise<ShopSession> {
  const startMs = nowMs - writtenMs;
  const lines = createLogGenerator({ seed: 5, startMs }).linesFor(startMs, nowMs);
  const fake = createFakeEnvironment({
    now: new Date(nowMs).toISOString(),
    files: { [file]: [...lines, ...extra, ""].join("\n") },
  });
  const { problem, ...found } = parseSourceFormat("combined");
  if (problem !== undefined || found.format === undefined) {
    throw new Error(problem);
  }
  const spec = { ...found, groups: { rules: [], templates: true } };
  const logs: readonly WatchedLog[] = [{ name: "shop.log", paths: [file], spec }];
  const session = new TopSession({
    logs,
    wish: { everyMs: 1000, from: "recent", quantiles: [0.5, 0.9, 0.99], timeZone: "UTC" },
    environment: fake.environment,
  });
  await fake.advance(2500);
  return { session, fake, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}
