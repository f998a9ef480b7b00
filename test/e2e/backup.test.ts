// A copy made while a node writes, opened by another node: nothing of what was counted before is missing.
import assert from "node:assert/strict";
import { toLogTime } from "../../src/access-log/format/to-log-time.ts";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import {
  createTempFolder,
  findFreePort,
  type Running,
  startWatchpost,
  waitFor,
} from "./harness.ts";

const line = `192.0.2.1 - - [${toLogTime(Date.now())}] "GET / HTTP/1.1" 200 10 "-" "-"\n`;

test("a backup of a running node is restored, and goes on where it was", async () => {
  await using folder = await createTempFolder();
  const port = await findFreePort();
  const file = folder.join("watchpost.yml");
  const log = folder.join("access.log");
  await writeFile(log, line.repeat(100));
  await writeFile(file, toConfig(port, "data"));
  await using first = await startWatchpost(["run", "-c", file]);
  await waitForLines(port, 100, first);

  await using copied = await startWatchpost(["backup", folder.join("copy"), "-c", file]);
  assert.deepEqual(await copied.exited, { code: 0, signal: null });
  assert.match(copied.stdout(), /incidents\.db, history\.db, journal\.db copied/);
  assert.deepEqual(await first.stop(), { code: 0, signal: null });

  await appendFile(log, line.repeat(50));
  await writeFile(file, toConfig(port, "copy"));
  await using second = await startWatchpost(["run", "-c", file]);
  await waitForLines(port, 150, second);
  assert.equal(second.stderr().includes("missed"), false, "no reader found a gap");
  const query = "select=http_requests_total&aggregate=sum&from=2h&step=1h";
  const requests = await waitFor("the history", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?${query}`);
    const { series } = (await answer.json()) as { series: { points: [number, number][] }[] };
    const points = series.flatMap((one) => one.points);
    return points.reduce((sum, [, value]) => sum + value, 0) >= 150 && points;
  });
  assert.equal(
    requests.reduce((sum, [, value]) => sum + value, 0),
    150,
  );
});

test("a backup never writes into a folder that holds something", async () => {
  await using folder = await createTempFolder();
  const file = folder.join("watchpost.yml");
  await writeFile(file, toConfig(0, "data"));
  await using refused = await startWatchpost(["backup", folder.path, "-c", file]);
  assert.deepEqual(await refused.exited, { code: 2, signal: null });
  assert.match(refused.stderr(), /is not empty; name an empty folder/);
  assert.equal(await readFile(file, "utf8"), toConfig(0, "data"));
});

function toConfig(port: number, data: string): string {
  return `node: { name: e2e }
server: { listen: "127.0.0.1:${port}" }
data: ${data}
sources:
  shop: { kind: access-log, files: access.log, from: start, every: 1s }
`;
}

async function waitForLines(port: number, lines: number, process: Running): Promise<void> {
  const probe = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/sources`).catch(() => undefined);
    const { sources = [] } = ((await answer?.json()) ?? {}) as {
      sources?: { totals: { name: string; value: number }[] }[];
    };
    const totals = sources.flatMap((source) => source.totals);
    const counted = totals.filter(({ name }) => name === "log_lines_total");
    return counted.reduce((sum, { value }) => sum + value, 0) === lines;
  };
  await waitFor(`${lines} lines`, probe, { process });
}
