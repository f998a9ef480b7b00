import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inspect } from "node:util";
import type { Config } from "./config.ts";
import { findSecrets } from "./_find-secrets.ts";
import { loadConfig } from "./load-config.ts";
import { ConfigError } from "./problem.ts";
import { toRecord } from "./_schema-walk.ts";
import { sampleParts, sampleText } from "./_sample-parts.ts";

const file = "/etc/watchpost/watchpost.yml";

interface World {
  readonly secrets?: "resolve" | "leave";
  readonly text?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function load({ text, env = {}, files = {}, ...rest }: World): Promise<Config> {
  const all = new Map(Object.entries(files));
  if (text !== undefined) {
    all.set(file, text);
  }
  return loadConfig({
    file,
    parts: sampleParts,
    env,
    hostName: "box",
    ...rest,
    async readFile(path) {
      const content = all.get(path);
      if (content === undefined) {
        throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
      }
      return content;
    },
  });
}

async function linesOf(world: World): Promise<readonly string[]> {
  try {
    await load(world);
  } catch (error) {
    assert(error instanceof ConfigError);
    assert.equal(error.code, "CONFIG_INVALID");
    return error.message.split("\n");
  }
  return assert.fail("was accepted");
}

suite("loadConfig", () => {
  test("resolves paths, units, defaults and secrets", async () => {
    const config = await load({
      text: sampleText,
      env: { HOME_PASSWORD: "opensesame" },
      files: { "/etc/watchpost/gelf.key": "first line\r\nsecond" },
    });
    assert.equal(config.folder, "/etc/watchpost");
    assert.equal(config.data, "/etc/watchpost/kept");
    assert.equal(config.log.file, "/var/log/watchpost.log");
    assert.deepEqual(config.retention, {
      journal: { ageMs: 3 * 86_400_000, sizeBytes: 512 * 2 ** 20 },
      history: [
        { stepMs: 10_000, ageMs: 86_400_000 },
        { stepMs: 60_000, ageMs: 30 * 86_400_000 },
        { stepMs: 3_600_000, ageMs: 2 * 365 * 86_400_000 },
      ],
    });
    assert.deepEqual(config.server, {
      listen: { host: "127.0.0.1", port: 9090 },
      hosts: ["watchpost.example.org"],
      token: undefined,
    });
    const { options, ...shop } = config.sources.get("shop") ?? assert.fail();
    assert.deepEqual(shop, {
      id: "shop",
      kind: "access-log",
      service: "shop",
      everyMs: 5_000,
      outputs: ["graylog1"],
    });
    assert.deepEqual(options["files"], ["/var/log/nginx/shop*.log"]);
    assert.equal(config.sources.get("home")?.everyMs, 30_000);
    assert.equal(config.sources.get("cart")?.options["url"], "https://shop.example/cart");
    assert.deepEqual(
      findSecrets(config).map(({ path, secret }) => [path.join("."), secret.reveal()]),
      [
        ["sources.home.password", "opensesame"],
        ["sources.cart.password", "opensesame"],
        ["outputs.graylog1.keys.0", "first line"],
      ],
    );
    assert.deepEqual(config.rules.get("down"), {
      service: "shop",
      metric: "check_up",
      below: { value: 1, perSecond: false, unit: "none" },
    });
  });

  test("is content with next to nothing", async () => {
    const config = await load({ text: "node:\nsources:\n" });
    assert.equal(config.node.name, "box");
    assert.deepEqual(config.server.listen, { host: "127.0.0.1", port: 8080 });
    assert.equal(config.data, "/etc/watchpost/watchpost-data");
    assert.deepEqual(config.retention.journal, { ageMs: 604_800_000, sizeBytes: 2 ** 30 });
    assert.equal(config.sources.size, 0);
  });

  test("tells all at once, in the order of the file, secrets included", async () => {
    const text = `server: { token: { env: TOKEN } }
sources:
  home: { kind: http, url: https://a.example/, password: { file: secret } }
  shop: { kind: htp }
outputs:
  g:
    kind: gelf
    host: a
    keys: [{ file: empty }, { env: EMPTY }]
`;
    assert.deepEqual(
      await linesOf({ text, env: { EMPTY: "" }, files: { "/etc/watchpost/empty": "\nx" } }),
      [
        `${file}:1:25 server.token.env: the environment variable \`TOKEN\` is not set; set it before starting`,
        `${file}:3:66 sources.home.password.file: /etc/watchpost/secret does not exist; create it, or name another file`,
        `${file}:4:17 sources.shop.kind: must be \`http\` or \`access-log\`; did you mean \`http\`?`,
        `${file}:9:20 outputs.g.keys[0].file: the first line of /etc/watchpost/empty is empty; write the secret there, alone on the line`,
        `${file}:9:36 outputs.g.keys[1].env: the environment variable \`EMPTY\` is empty; set it to the secret`,
      ],
    );
  });

  test("leaves secrets alone when it is told to", async () => {
    const config = await load({ text: sampleText, secrets: "leave" });
    const [first] = findSecrets(config);
    assert.throws(() => first?.secret.reveal(), /was not resolved/);
    assert.deepEqual(config.written.sources.get("home"), {
      ...toRecord(config.written.sources.get("home")),
      password: { env: "HOME_PASSWORD" },
    });
  });

  test("refuses a token that can be guessed, and no other short secret", async () => {
    const text = `server: { token: { env: TOKEN } }
sources:
  home: { kind: http, url: https://a.example/, password: { env: PASSWORD } }
`;
    const env = { PASSWORD: "short", TOKEN: "123456789012345" };
    assert.deepEqual(await linesOf({ text, env }), [
      `${file}:1:25 server.token.env: the token is shorter than 16 characters and could be guessed; set a longer one, such as what \`openssl rand -hex 16\` prints`,
    ]);
    const { server } = await load({ text, env: { ...env, TOKEN: "1234567890123456" } });
    assert.equal(server.token?.reveal(), "1234567890123456");
  });

  test("says that the file is not there", async () => {
    assert.deepEqual(await linesOf({}), [
      `${file}:1:1 the configuration file does not exist; create it, or name another file`,
    ]);
  });

  test("never shows a secret", async () => {
    const config = await load({
      text: sampleText,
      env: { HOME_PASSWORD: "opensesame" },
      files: { "/etc/watchpost/gelf.key": "opensesame" },
    });
    assert(!inspect(config, { depth: Infinity, showHidden: true }).includes("opensesame"));
    assert(!JSON.stringify([...config.sources.values()]).includes("opensesame"));
  });
});
