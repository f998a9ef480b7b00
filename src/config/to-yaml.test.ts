import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parse } from "yaml";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse-config.ts";
import { sampleParts, sampleText } from "./_sample-parts.ts";
import { toJson, toYaml } from "./to-yaml.ts";

function parsed(text: string): Config {
  const { config } = parseConfig({
    text,
    file: "/etc/watchpost.yml",
    parts: sampleParts,
    hostName: "box",
  });
  return config ?? assert.fail("was refused");
}

suite("toYaml", () => {
  test("shows every default, with units, and of secrets the place", () => {
    const text = `sources:
  home: { kind: http, url: https://a.example/, password: { env: P } }
`;
    assert.equal(
      toYaml(parsed(text)),
      `node:
  name: box
log:
  level: info
  console: true
data: ./watchpost-data
retention:
  journal:
    age: 7d
    size: 1 GiB
  history:
    10s: 2d
    1m: 30d
    1h: 2y
server:
  listen: 127.0.0.1:8080
  hosts: []
sources:
  home:
    kind: http
    every: 30s
    url: https://a.example/
    method: GET
    timeout: 10s
    password:
      env: P
    follow: true
    expect:
      limit: 1 MiB
outputs: {}
rules: {}
`,
    );
  });

  test("is read back as the same configuration", () => {
    const config = parsed(sampleText);
    const again = parsed(toYaml(config));
    assert.deepEqual(again, config);
    assert.equal(toYaml(again), toYaml(config));
  });

  test("says the same as JSON", () => {
    const config = parsed(sampleText);
    assert.deepEqual(JSON.parse(toJson(config)), parse(toYaml(config)));
  });
});
