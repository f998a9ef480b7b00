// A week of following in a minute: windows of ten seconds, a rotation every ten minutes, by a clock
// that is set forward. Memory after a full garbage collection, day by day.

import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { toLogTime } from "../src/access-log/format/to-log-time.ts";
import type { SourceContext } from "../src/core/component.ts";
import { accessLog } from "../src/sources/access-log.ts";
import { createWorld, type FakeWorld } from "../test/world.ts";

const log = "/var/log/access.log";
const everyMs = 10_000;
const linesPerStep = 25;
const stepMs = 5000;
const rotateMs = 600_000;
const dayMs = 86_400_000;
const days = 7;
/** Another client, path and agent each time: what would grow without bounds. */
let serial = 0;

/** The heap in MiB at the end of each day. */
export async function simulateWeek(): Promise<readonly number[]> {
  const world = createWorld({ now: "2026-11-02T00:00:00Z" });
  world.disk.append(log, "");
  const startedAt = world.now();
  const stop = new AbortController();
  const options = accessLog.options.parse({ files: log, format: "common", from: "start" });
  const heapMib: number[] = [];
  if (!("follow" in accessLog)) {
    throw new Error("access logs are looked at on a schedule now");
  }
  const collect = openGarbageCollection();
  for await (const { to } of accessLog.follow(options, toContext(world, stop.signal))) {
    if (to >= startedAt + (heapMib.length + 1) * dayMs) {
      await collect();
      const { heapUsed, external } = process.memoryUsage();
      heapMib.push(Math.round(((heapUsed + external) / 1024 / 1024) * 10) / 10);
    }
    if (heapMib.length === days) {
      break;
    }
  }
  stop.abort();
  return heapMib;
}

/** Each sleep is five seconds, in which lines are written; now and then the file is rotated. */
function toContext(world: FakeWorld, signal: AbortSignal): SourceContext {
  return {
    ...world.context({ signal, everyMs }),
    now: () => world.now(),
    sleep: async () => {
      signal.throwIfAborted();
      world.advance(stepMs);
      if (world.now() % rotateMs === 0) {
        world.disk.rename(log, `${log}.1`);
      }
      const time = toLogTime(world.now());
      const lines = Array.from({ length: linesPerStep }, () => {
        serial++;
        const client = `10.${serial & 255}.${(serial >> 8) & 255}.${(serial >> 16) & 255}`;
        return `${client} - - [${time}] "GET /item/${serial} HTTP/1.1" 200 ${serial % 9000}\n`;
      });
      world.disk.append(log, lines.join(""));
    },
  };
}

/** Twice: what the first round lets go of takes memory outside of the heap along. */
function openGarbageCollection(): () => Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  return async () => {
    for (const _ of ["heap", "beside it"]) {
      if (typeof collect === "function") {
        collect();
      }
      await nextTurn();
    }
  };
}
