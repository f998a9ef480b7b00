// PRTG by its documentation: a probe that takes what the manual of "HTTP Push Data Advanced" and "HTTP Data Advanced"
// describes (paessler.com/manuals/prtg), and nothing else.
import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import http from "node:http";
import test from "node:test";
import { findFreePort, waitFor } from "./harness.ts";
import { startNode } from "./servers/node.ts";

const groups = 60;

test("a probe gets all channels in each push, at most fifty a sensor, and counts that only grow", async () => {
  await using probe = await startProbe();
  await using node = await startNode(
    (join) => `sources:
  shop:
    { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms, groups: [{ match: "^/(?<group>g[0-9]+)" }] }
outputs:
  prtg: { kind: prtg, url: "${probe.url}", only: [http_requests_total, http_clients] }
  pages: { kind: prtg, mode: pull, only: http_requests_total }
`,
  );
  let lines = 0;
  for (const step of [10, groups, 20]) {
    const texts = Array.from({ length: step }, (_, i) => toLine(i));
    await appendFile(node.join("access.log"), texts.join(""));
    lines += step;
    await waitFor(`${lines} lines in PRTG`, () => probe.difference() === lines, node);
  }
  assert.deepEqual(probe.problems, []);
  assert.deepEqual(probe.sizes(), { "watchpost-shop": 50, "watchpost-shop-2": groups + 1 - 50 });

  const served = await Promise.all(
    ["", "-2"].map(async (part) => {
      const response = await fetch(`${node.url}prtg/watchpost-shop${part}.json`);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
      return readDocument(await response.text());
    }),
  );
  const total = served.flat().reduce((sum, { value }) => sum + Number(value), 0);
  assert.equal(total, lines);
});

function toLine(group: number): string {
  return `192.0.2.1 - - [20/Nov/2026:16:00:00 +0000] "GET /g${group} HTTP/1.1" 200 1 "-" "-"\n`;
}

// -------------------------------------------------------------------------------------------------------- the manual

interface Channel {
  readonly channel: string;
  readonly value: string;
  readonly mode?: string;
}

const units =
  "BytesBandwidth BytesDisk Temperature Percent TimeResponse TimeSeconds Custom Count CPU BytesFile SpeedDisk SpeedNet TimeHours".split(
    " ",
  );
const keys =
  "channel value unit customunit speedsize volumesize speedtime mode float decimalmode warning showchart showtable limitmaxerror limitmaxwarning limitminwarning limitminerror limiterrormsg limitwarningmsg limitmode valuelookup notifychanged".split(
    " ",
  );

/** The channels of a result. Throws for anything that the manual does not allow. */
function readDocument(text: string): readonly Channel[] {
  const { prtg, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(prtg), ["result", "text"]);
  assert.ok(prtg.text.length <= 2000 && !prtg.text.includes("#"), "the message");
  const channels: readonly (Channel & Readonly<Record<string, string>>)[] = prtg.result;
  assert.ok(channels.length > 0 && channels.length <= 50, "the number of channels");
  const names = channels.map(({ channel }) => channel);
  assert.equal(new Set(names).size, names.length, "names are unique");
  for (const channel of channels) {
    assert.deepEqual(
      Object.keys(channel).filter((key) => !keys.includes(key)),
      [],
    );
    const pattern = channel["float"] === "1" ? /^-?\d+(?:\.\d+)?$/ : /^-?\d+$/;
    assert.match(channel.value, pattern, channel.channel);
    assert.ok(units.includes(channel["unit"] ?? ""), "the unit");
    assert.match(channel.mode ?? "Absolute", /^(?:Absolute|Difference)$/);
  }
  return channels;
}

interface Probe extends AsyncDisposable {
  readonly url: string;
  readonly problems: readonly string[];
  /** What channels in the mode Difference have grown by, taken together. */
  difference(): number;
  /** Channels by token. */
  sizes(): Readonly<Record<string, number>>;
}

async function startProbe(): Promise<Probe> {
  const sensors = new Map<string, Map<string, Channel>>();
  const problems: string[] = [];

  function take(request: http.IncomingMessage, body: string): void {
    assert.equal(request.method, "POST");
    assert.match(request.headers["content-type"] ?? "", /^application\/json/);
    const token = /^\/([\w.-]+)$/.exec(request.url ?? "")?.[1];
    assert.ok(token !== undefined, "the token");
    const before = sensors.get(token) ?? new Map<string, Channel>();
    const now = new Map(readDocument(body).map((channel) => [channel.channel, channel]));
    for (const [name, { value, mode }] of before) {
      const next = now.get(name);
      assert.ok(next !== undefined, `${name} is missing and records 0`);
      assert.ok(mode !== "Difference" || Number(next.value) >= Number(value), `${name} falls`);
    }
    sensors.set(token, now);
  }

  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      try {
        take(request, body);
        response.end("{}");
      } catch (error) {
        problems.push(String(error));
        response.writeHead(400).end(String(error));
      }
    });
  });
  const port = await findFreePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${port}`,
    problems,
    difference: () =>
      [...sensors.values()]
        .flatMap((channels) => [...channels.values()])
        .filter(({ mode }) => mode === "Difference")
        .reduce((sum, { value }) => sum + Number(value), 0),
    sizes: () => Object.fromEntries([...sensors].map(([token, { size }]) => [token, size])),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
