import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Config } from "./config.ts";
import { diffConfigs, isEmptyDiff } from "./diff-configs.ts";
import { loadConfig } from "./load-config.ts";
import { sampleParts, sampleText } from "./_sample-parts.ts";

function load(text: string, password = "a"): Promise<Config> {
  return loadConfig({
    file: "/etc/watchpost.yml",
    parts: sampleParts,
    env: { HOME_PASSWORD: password },
    hostName: "box",
    readFile: async (path) => (path.endsWith(".yml") ? text : "key"),
  });
}

const none = { added: [], removed: [], changed: [] };

suite("diffConfigs", () => {
  test("finds nothing where only the text differs", async () => {
    const commented = `${sampleText}\n# a remark\n`.replace("level: info, ", "");
    const diff = diffConfigs(await load(sampleText), await load(commented));
    assert(isEmptyDiff(diff), JSON.stringify(diff));
  });

  test("finds what was added, removed and changed", async () => {
    const text = sampleText
      .replace("every: 5s", "every: 6s")
      .replace("  screen: { kind: stdout }\n", "  printer: { kind: stdout }\n")
      .replace("above: 30/s", "above: 40/s")
      .replace("hub-1", "hub-2")
      .replace("age: 3d", "age: 4d");
    const diff = diffConfigs(await load(sampleText), await load(text));
    assert.deepEqual(diff, {
      sections: ["node", "retention"],
      sources: { ...none, changed: ["shop"] },
      outputs: { added: ["printer"], removed: ["screen"], changed: [] },
      rules: { ...none, changed: ["high-traffic"] },
    });
  });

  test("sees that the value of a secret is another", async () => {
    const diff = diffConfigs(await load(sampleText, "a"), await load(sampleText, "b"));
    assert.deepEqual(diff, {
      sections: [],
      sources: { ...none, changed: ["home", "cart"] },
      outputs: none,
      rules: none,
    });
  });

  test("sees that the server's token is another", async () => {
    const text = "server: { token: { env: HOME_PASSWORD } }\n";
    const diff = diffConfigs(await load(text, "a".repeat(16)), await load(text, "b".repeat(16)));
    assert.deepEqual(diff.sections, ["server"]);
  });
});
