// Silence is a measurement: through the whole engine, a rule on an access log clears when nobody
// asks any more.
import assert from "node:assert/strict";
import test from "node:test";
import { toLogTime } from "../../src/access-log/format/to-log-time.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { ruleOptions } from "../../src/rules/rule-options.ts";
import { accessLog } from "../../src/sources/access-log.ts";
import { createFakeNode } from "../fake-environment.ts";
import { createNoHistory } from "../no-history.ts";
import { nextIncidentsFile, within } from "../start-engine.ts";

const log = "/var/log/shop.log";
const text = `
node: { name: test }
sources:
  shop: { kind: access-log, files: ${log}, format: common, from: start, every: 2s }
rules:
  busy: { source: shop, metric: http_requests_total, over: 4s, above: 5/s }
`;

test("a rule on a log that falls silent clears and fires again, also over a step of the clock", async () => {
  for (const stepMs of [0, 90_000, -3_600_000]) {
    const node = createFakeNode();
    const parts = { sources: [accessLog], outputs: [], rule: ruleOptions };
    const { config } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
    assert.ok(config !== undefined);
    const { journal, environment, disk } = node;
    const engine = await Engine.start({
      config,
      journal,
      history: createNoHistory(),
      incidentsFile: nextIncidentsFile(),
      sources: [accessLog],
      outputs: [],
      ownOutputs: [],
      environment,
    });
    const beBusy = async (): Promise<void> => {
      for (let second = 0; second < 10; second++) {
        const time = toLogTime(environment.clock.now());
        disk.append(log, `192.0.2.7 - - [${time}] "GET / HTTP/1.1" 200 5\n`.repeat(20));
        await node.advance(1000);
      }
    };
    await beBusy();
    const open = (): number => engine.incidents({ state: "open", limit: 9 }).length;
    assert.equal(open(), 1);
    node.setClock(stepMs);
    await node.advance(10_000);
    assert.equal(open(), 0);
    const [incident] = engine.incidents({ state: "all", limit: 9 });
    assert.notEqual(incident?.clearedAt, undefined);
    await beBusy();
    assert.equal(open(), 1);
    await node.advance(5000);
    const [requests] = engine
      .totalsOf("shop")
      .filter(({ name, labels }) => name === "http_requests_total" && labels["status"] === "200");
    assert.equal(requests?.value, 400);
    await within(node, engine[Symbol.asyncDispose]());
  }
});
