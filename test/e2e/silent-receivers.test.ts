// Receivers that accept connections and then say nothing: an attempt ends when it is told to, and the next one is whole.
import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import type { Output } from "../../src/core/component.ts";
import { graphite } from "../../src/outputs/graphite.ts";
import { influx } from "../../src/outputs/influx.ts";
import { nats } from "../../src/outputs/nats.ts";
import { statsd } from "../../src/outputs/statsd.ts";
import { syslog } from "../../src/outputs/syslog.ts";
import { webhook } from "../../src/outputs/webhook.ts";
import { toBatch } from "../engine-fixtures.ts";
import { openDirectly } from "./direct-output.ts";
import { startOwnReceiver } from "./servers/own-receiver.ts";

const host = "127.0.0.1";

const cases: readonly (readonly [Output, (port: number) => object])[] = [
  [graphite, (port) => ({ host, port, transport: "tcp" })],
  [graphite, (port) => ({ host, port, transport: "tls" })],
  [statsd, (port) => ({ host, port, transport: "tcp" })],
  [syslog, (port) => ({ host, port, transport: "tcp", messages: "all" })],
  [influx, (port) => ({ url: `http://${host}:${port}`, database: "web" })],
  [webhook, (port) => ({ url: `http://${host}:${port}/` })],
  [webhook, (port) => ({ url: `https://${host}:${port}/` })],
  [nats, (port) => ({ servers: `${host}:${port}` })],
];

for (const [output, toOptions] of cases) {
  test(`${output.name} gives up on ${JSON.stringify(toOptions(1))}`, async () => {
    let connections = 0;
    await using receiver = await startOwnReceiver(() =>
      net.createServer({ allowHalfOpen: true }, (socket) => {
        connections++;
        socket.resume();
      }),
    );
    await using opened = await openDirectly(output, toOptions(receiver.port));
    for (let attempt = 1; attempt <= 2; attempt++) {
      const late = AbortSignal.timeout(300);
      await assert.rejects(opened.write([toBatch("s", 1)], late));
      assert.ok(late.aborted, "it waited as long as it may");
      // A fetch may open one more for the next request.
      assert.ok(connections >= attempt);
    }
  });
}
