// What goes to syslog, as rsyslog takes it apart.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { gauge } from "../../src/core/sample.ts";
import { syslog } from "../../src/outputs/syslog.ts";
import { toBatch } from "../engine-fixtures.ts";
import { openDirectly } from "./direct-output.ts";
import { findFreePort, skipWithout, waitFor } from "./harness.ts";
import { toLogLine } from "./log-line.ts";
import { startNode } from "./servers/node.ts";
import { startRsyslog } from "./servers/rsyslog.ts";

for (const transport of ["udp", "tcp", "tls"] as const) {
  test(
    `rsyslog reads events, problems and measurements over ${transport}`,
    {
      skip: skipWithout(
        "rsyslogd",
        ...(transport === "tls" ? ["/usr/share/doc/rsyslog-openssl"] : []),
      ),
    },
    async () => {
      await using receiver = await startRsyslog(transport === "tls" ? "tls" : "tcp");
      const closed = await findFreePort();
      const tls = transport === "tls" ? `, tls: { ca: "${receiver.caFile}" }` : "";
      const where = `kind: syslog, transport: ${transport}, host: localhost, port: ${receiver.port}${tls}`;
      await using node = await startNode(
        (join) => `sources:
  shop: { kind: access-log, service: web, files: "${join("access.log")}", from: start, every: 300ms }
  down: { kind: http, url: "http://127.0.0.1:${closed}/", every: 1s }
outputs:
  all: { ${where}, messages: all, facility: local3, only: log_lines_total }
  problems: { ${where}, appName: problems }
`,
      );
      await appendFile(node.join("access.log"), toLogLine("/").repeat(5));
      const lines = await waitFor(
        "the lines",
        async () => {
          const found = (await receiver.received()).filter(({ data }) =>
            data.includes('log_lines_total="5"'),
          );
          return found.length > 0 && found;
        },
        node,
      );
      assert.equal(lines.length, 1);
      const [line] = lines;
      // The window in which the log appeared is marked as partial.
      assert.deepEqual(
        [line && { ...line, time: "", data: line.data.replace(' partial="1"', "") }],
        [
          {
            facility: "local3",
            severity: "info",
            time: "",
            host: "shop",
            appName: "watchpost",
            id: "metrics",
            data: '[watchpost@32473 outcome="parsed" service="web" source="shop" log_lines_total="5"]',
            text: "shop: log_lines_total 5 (outcome parsed)",
          },
        ],
      );
      assert.ok(Math.abs(Date.parse(line?.time ?? "") - Date.now()) < 60_000);
      const [problem] = await waitFor(
        "what is down",
        async () => {
          const found = (await receiver.received()).filter(
            ({ appName, severity }) => appName === "problems" && severity === "err",
          );
          return found.length > 1 && found;
        },
        node,
      );
      assert.deepEqual([problem?.facility, problem?.host], ["daemon", "down"]);
      assert.doesNotMatch(node.process.stderr(), /output/);
    },
  );
}

test(
  "names and texts of any kind arrive as they are",
  { skip: skipWithout("rsyslogd") },
  async () => {
    await using receiver = await startRsyslog("tcp");
    const { port } = receiver;
    await using output = await openDirectly(syslog, {
      host: "127.0.0.1",
      port,
      transport: "tcp",
      messages: "all",
    });
    const text = String.raw`a "b" \c] é 💾 <1> 5 `.repeat(100).trim();
    const events = [{ at: Date.now(), name: "check_down", labels: { 'p"]': '\\"]\n' }, text }];
    const batch = { ...toBatch("s", 1, [gauge("g", 1, { "ü ": "é" })]), events };
    await output.write([batch, { ...batch, seq: 2, source: "t" }], new AbortController().signal);
    const received = await waitFor("messages", async () => {
      const found = await receiver.received();
      return found.length === 4 && found;
    });
    const [measured, event] = received;
    assert.match(measured?.data ?? "", /^\[watchpost@32473 ___[0-9a-f]{8}="é" source="s" g="1"\]$/);
    assert.equal(event?.text, text);
    assert.match(event.data, /p___[0-9a-f]{8}="\\\\\\"\\\] "/);
  },
);
