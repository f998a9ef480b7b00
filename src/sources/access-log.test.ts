import assert from "node:assert/strict";
import test from "node:test";
import { createWorld } from "../../test/world.ts";
import { createLogGenerator } from "../access-log/log-generator.ts";
import { Distribution } from "../core/distribution.ts";
import { accessLog } from "./access-log.ts";

test("options that cannot work are refused, with what to do instead", () => {
  assert.match(problemOf({ files: "/var/log/%q.log" }) ?? "", /has %q.*%Y %y %m/);
  assert.match(problemOf({ files: "/var/log/**" }) ?? "", /name the files in them/);
  assert.match(problemOf({ files: [] }) ?? "", /name at least one/);
  assert.match(problemOf({ from: "yesterday" }) ?? "", /write end, start, or a time/);
  assert.match(problemOf({ lineMax: "1 B" }) ?? "", /write 1 KiB to 16 MiB/);
  for (const from of ["end", "start", "2026-11-20T10:00:00Z", "2026-11-20T10:00+01:00"]) {
    assert.equal(problemOf({ from }), undefined);
  }
  assert.match(problemOf({ groups: [{ match: "^/api" }] }) ?? "", /add `group: name`/);
  assert.match(problemOf({ groups: [{ match: "(", group: "a" }] }) ?? "", /not a regular expr/);
  assert.match(problemOf({ groups: [{ match: "(?=a)", group: "a" }] }) ?? "", /linear time/);
  assert.match(problemOf({ slow: 1 }) ?? "", /has no unit/);
  assert.equal(problemOf({ groups: [{ match: "^/api", group: "api" }] }), undefined);
});

test("lines come from files or from syslog, and not from anybody", () => {
  const udp = "udp://127.0.0.1:5514";
  const refused: readonly (readonly [options: object, problem: RegExp | undefined])[] = [
    [{}, /name the log file, or let the server send to `syslog`/],
    [{ syslog: { listen: udp } }, undefined],
    [{ syslog: { listen: [udp, "tcp://[::1]:6514"], program: ["haproxy", "nginx"] } }, undefined],
    [{ syslog: { listen: udp }, files: "/a.log" }, /reads one of the two/],
    [{ syslog: { listen: udp }, backfill: true }, /means nothing beside `syslog`/],
    [{ syslog: { listen: "127.0.0.1:5514" } }, /write udp:\/\/127\.0\.0\.1:5514 or tcp/],
    [{ syslog: { listen: [] } }, /is empty/],
    [{ syslog: { listen: "tcp://0.0.0.0:5514" } }, /list the servers that may send/],
    [{ syslog: { listen: "tcp://0.0.0.0:5514", allow: ["10.0.0.0/8"] } }, undefined],
    [{ syslog: { listen: udp, allow: ["10.0.0.0/33"] } }, /write 192\.0\.2\.7 or/],
  ];
  for (const [options, problem] of refused) {
    const found = accessLog.options.safeParse(options).error?.issues[0]?.message;
    assert.ok(problem === undefined ? found === undefined : problem.test(found ?? ""), found);
  }
});

test("what it looks at is its files, or where it listens", () => {
  assert.equal(targetOf("/a.log"), "/a.log");
  assert.equal(targetOf(["/a.log", "/b-%Y-%m-%d.log"]), "/a.log, /b-%Y-%m-%d.log");
  const syslog = { listen: ["udp://127.0.0.1:5514", "tcp://[::1]:6514"] };
  const options = accessLog.options.parse({ syslog });
  assert.equal(accessLog.target?.(options), "udp://127.0.0.1:5514, tcp://[::1]:6514");
});

test("every line of a generated log is accounted for", async () => {
  const world = createWorld({ now: "2026-03-01T12:02:30Z" });
  const startMs = world.now() - 150_000;
  const lines = createLogGenerator({ seed: 1, startMs }).linesFor(startMs, world.now());
  world.disk.append("/shop.log", lines.map((line) => `${line}\n`).join(""));
  const options = accessLog.options.parse({ files: "/shop.log", from: "start" });
  let counted = 0;
  let requests = 0;
  for await (const { to, samples } of accessLog.follow(options, world.context())) {
    for (const sample of samples) {
      if (sample.kind === "count") {
        counted += sample.name === "log_lines_total" ? sample.value : 0;
        requests += sample.name === "http_requests_total" ? sample.value : 0;
      }
    }
    if (to > startMs + 160_000) {
      break;
    }
  }
  assert.equal(counted, lines.length);
  assert.ok(requests > lines.length * 0.98 && requests < lines.length);
});

test("exactDurations keeps every duration, also over a restart", async () => {
  for (const exactDurations of [true, false]) {
    const world = createWorld({ now: "2026-10-10T13:55:32Z" });
    const all = Array.from({ length: 1000 }, (_, index) => index);
    world.disk.append("/a.log", all.map((ms) => toLine(20, ms) + toLine(30, ms)).join(""));
    const options = accessLog.options.parse({
      files: "/a.log",
      format: "common",
      from: "start",
      exactDurations,
    });
    let position: unknown;
    for (const life of [1, 2]) {
      const context = world.context({ position, everyMs: 10_000 });
      for await (const observation of accessLog.follow(options, context)) {
        const durations = observation.samples.find(({ kind }) => kind === "distribution")?.value;
        assert.ok(durations instanceof Distribution, `there are durations in life ${life}`);
        assert.equal(durations.isExact, exactDurations);
        position = structuredClone(observation.position);
        break;
      }
    }
  }
});

function toLine(second: number, ms: number): string {
  return `192.0.2.7 - - [10/Oct/2026:13:55:${second} +0000] "GET / HTTP/1.1" 200 1 ${ms / 1000}\n`;
}

function problemOf(options: object): string | undefined {
  return accessLog.options.safeParse({ files: "/a.log", ...options }).error?.issues[0]?.message;
}

function targetOf(files: string | string[]): string | undefined {
  return accessLog.target?.(accessLog.options.parse({ files }));
}
