// GELF as independent programs see it: Wireshark's dissector for what goes over UDP, rsyslog for TCP and TLS.
import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import http from "node:http";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, skipWithout, waitFor } from "./harness.ts";
import { startNode } from "./servers/node.ts";
import { startRsyslogForJson } from "./servers/rsyslog.ts";
import { type GelfPacket, dissectGelf } from "./servers/tshark.ts";

test(
  "datagrams are plain, compressed and in chunks as Wireshark reads them",
  { skip: skipWithout("tshark") },
  async () => {
    await using stats = await serveStats();
    await using plain = await receiveDatagrams();
    await using gzip = await receiveDatagrams();
    await using zlib = await receiveDatagrams();
    await using chunks = await receiveDatagrams();
    const long = "é".repeat(1500);
    await using node = await startNode(
      () => `sources:
  lb-1: { kind: haproxy, url: "${stats.url}", every: 300ms }
outputs:
  plain: { kind: gelf, host: 127.0.0.1, port: ${plain.port}, facility: haproxysm, only: haproxy_* }
  gzip: { kind: gelf, host: 127.0.0.1, port: ${gzip.port}, compression: gzip, only: haproxy_* }
  zlib: { kind: gelf, host: 127.0.0.1, port: ${zlib.port}, compression: zlib, haproxy: all, only: haproxy_* }
  chunks: { kind: gelf, host: 127.0.0.1, port: ${chunks.port}, chunkSize: 512, haproxy: all, only: haproxy_sessions, labels: { long: "${long}" } }
`,
    );
    const all = [plain, gzip, zlib, chunks];
    await waitFor("datagrams", () => all.every(({ datagrams }) => datagrams.length > 20), node);

    const [first] = await dissect(plain.datagrams, "0x7b22");
    assert.deepEqual(Object.keys(first ?? {}), oldFields);
    assert.equal(first?.["short_message"], '3 concurrent requests measured for backend "app"');
    const counted = (await dissect(gzip.datagrams, "0x1f8b")).map(({ _http_4xx: value }) =>
      Number(value),
    );
    assert.deepEqual(
      counted.slice(1).map((value, i) => value - (counted[i] ?? 0)),
      counted.slice(1).map(() => 5),
      "each poll adds what HAProxy counted since the one before",
    );
    const rows = await dissect(zlib.datagrams, "0x789c");
    assert.ok(
      rows.some((row) => row["_kind"] === "frontend" && row["_haproxy_sessions"] === "4.0"),
    );
    const whole = (await dissectGelf(chunks.datagrams)).filter(isComplete);
    assert.ok(whole.length > 1);
    for (const { type, isBroken, fields } of whole) {
      assert.deepEqual([type, isBroken, fields["_long"]], ["0x1e0f", false, long]);
    }
  },
);

const oldFields =
  "version host short_message timestamp level _facility _sessions _backend _queued_sessions _active_backends _http_4xx _http_5xx".split(
    " ",
  );

function isComplete({ fields }: GelfPacket): boolean {
  return Object.keys(fields).length > 0;
}

/** The messages, each of which has to be of that type and sound. */
async function dissect(
  datagrams: readonly Uint8Array[],
  type: string,
): Promise<GelfPacket["fields"][]> {
  const packets = await dissectGelf(datagrams);
  for (const packet of packets) {
    assert.deepEqual([packet.type, packet.isBroken], [type, false]);
    assert.equal(packet.fields["version"], "1.1");
    assert.equal(packet.fields["host"], "lb-1");
  }
  return packets.map(({ fields }) => fields);
}

for (const transport of ["tcp", "tls"] as const) {
  test(
    `rsyslog takes messages over ${transport}, with and without confirmation`,
    {
      skip: skipWithout(
        "rsyslogd",
        ...(transport === "tls" ? ["/usr/share/doc/rsyslog-openssl"] : []),
      ),
    },
    async () => {
      await using receiver = await startRsyslogForJson(transport);
      const tls = transport === "tls" ? `, tls: { ca: "${receiver.caFile}" }` : "";
      await using node = await startNode(
        (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 300ms }
outputs:
  kept: { kind: gelf, transport: ${transport}, host: localhost, port: ${receiver.port}, confirm: false, facility: kept, only: log_lines_total${tls} }
  safe: { kind: gelf, transport: ${transport}, host: localhost, port: ${receiver.port}, facility: safe, only: log_lines_total${tls} }
`,
      );
      const sum = async (facility: string): Promise<number> =>
        (await receiver.received())
          .filter((message) => message["_facility"] === facility)
          .filter((message) => message["_outcome"] === "parsed")
          .reduce((all, message) => all + Number(message["_log_lines_total"]), 0);
      const line = '192.0.2.1 - - [20/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n';
      for (let lines = 10; lines <= 30; lines += 10) {
        await appendFile(node.join("access.log"), line.repeat(10));
        for (const facility of ["safe", "kept"]) {
          await waitFor(`${lines} lines`, async () => (await sum(facility)) === lines, node);
        }
      }
      assert.doesNotMatch(node.process.stderr(), /output/);
    },
  );
}

test("a receiver of datagrams that starts late, and again, hears what comes from then on", async () => {
  const port = await findFreePort();
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 100ms }
outputs:
  udp: { kind: gelf, host: 127.0.0.1, port: ${port}, only: log_lines_total }
`,
  );
  await appendFile(node.join("access.log"), "");
  for (let starts = 0; starts < 2; starts++) {
    // Meanwhile the system answers each datagram with a refusal.
    await sleep(500);
    await using receiver = await receiveDatagrams(port);
    await waitFor("datagrams", () => receiver.datagrams.length > 3, node);
  }
  assert.doesNotMatch(node.process.stderr(), /output udp|output:udp/);
});

interface Datagrams extends AsyncDisposable {
  readonly port: number;
  readonly datagrams: readonly Uint8Array[];
}

async function receiveDatagrams(port = 0): Promise<Datagrams> {
  const socket = dgram.createSocket("udp4");
  const datagrams: Uint8Array[] = [];
  socket.on("message", (bytes) => datagrams.push(bytes));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    datagrams,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

/** An HAProxy whose backend `app` answers five requests with 404 between two polls. */
async function serveStats(): Promise<AsyncDisposable & { readonly url: string }> {
  let polls = 0;
  const server = http.createServer(({ url = "" }, response) => {
    if (!url.endsWith(";csv")) {
      response.end("<b>pid = </b> 4242 (process #1)<br><b>uptime = </b> 0d 2h00m05s<br>");
      return;
    }
    polls++;
    response.end(
      [
        "# pxname,svname,qcur,scur,stot,status,act,type,rate,hrsp_4xx,hrsp_5xx,-,",
        `shop,FRONTEND,,4,9,OPEN,,0,3,${5 * polls},2,-,`,
        `app,BACKEND,1,3,9,UP,2,1,3,${5 * polls},2,-,`,
        "",
      ].join("\n"),
    );
  });
  const port = await findFreePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${port}/haproxy?stats;csv`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
