import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePrometheusText } from "../../test/prometheus-text.ts";
import { createServer } from "../../test/start-server.ts";
import { prometheus } from "../outputs/prometheus.ts";

const config = {
  id: "metrics",
  kind: "prometheus",
  only: [],
  except: [],
  labels: {},
  options: prometheus.options.parse({}),
};

test("the metrics page of a running node is legal, with all that is measured, behind the token", async () => {
  const own = { kind: prometheus, config };
  const server = "{ token: { env: T } }";
  await using opened = await createServer({ server, token: "s3cret", own });
  const { node } = opened.world;
  await node.advance(21_000);
  assert.equal((await opened.app.inject("/metrics")).statusCode, 401);
  const headers = { authorization: "Bearer s3cret" };
  const answer = await opened.app.inject({ url: "/metrics", headers });
  assert.match(String(answer.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  const families = parsePrometheusText(answer.body);
  const counted = families.get("n_total");
  assert.equal(counted?.type, "counter");
  assert.deepEqual(counted.samples[0]?.labels, { source: "a", service: "web" });
  assert.ok(counted.samples[0].value >= 19);
  assert.equal(families.get("watchpost_source_up")?.samples[0]?.labels["source"], "watchpost");
  const readers = families.get("watchpost_reader_lag_batches")?.samples;
  assert.ok(readers?.some(({ labels }) => labels["reader"] === "output:own:metrics"));
});
