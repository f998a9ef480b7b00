import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { suite, test } from "node:test";
import { type ServerWorld, createServer } from "../../test/start-server.ts";
import { errorCodes } from "../core/errors.ts";
import { securityHeaders } from "./access.ts";
import { loadPageAssets } from "./page-assets.ts";
import { routes } from "./routes.ts";
import { startServer } from "./server.ts";

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** The body, after checking that it is a problem with this status, and has what every answer has. */
function toProblem(answer: Answer, status: number): Record<string, unknown> {
  assert.equal(answer.statusCode, status, answer.body);
  checkHeaders(answer);
  assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
  const problem = JSON.parse(answer.body);
  assert.equal(problem.status, status);
  assert.ok(Object.keys(errorCodes).includes(problem.code), problem.code);
  assert.ok(problem.title);
  return problem;
}

function checkHeaders({ headers }: Answer): void {
  for (const [name, value] of Object.entries(securityHeaders)) {
    assert.equal(headers[name], value, name);
  }
}

suite("the Host header", () => {
  const known = [
    "localhost",
    "LOCALHOST:8080",
    "127.0.0.1",
    "127.0.0.1:1",
    "192.0.2.7:65535",
    "[::1]",
    "[::1]:8080",
    "[2001:db8::1]:443",
    "hub.example.org",
    "Hub.Example.org:9999",
    "listen.example",
  ];
  const unknown = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example:8080",
    "evillocalhost",
    "hub.example.org.evil.example",
    "hub.example.org:80@evil.example",
    "localhost:80:80",
    "localhost:http",
    "[::1].evil.example",
    "[evil.example]",
    "::1",
    "2130706433",
    "0x7f.1",
    "127.1",
    " ",
  ];
  const server = "{ listen: 'listen.example:0', hosts: [hub.example.org], token: { env: T } }";

  test("names of its own and addresses are answered, everything else is 421", async () => {
    await using opened = await createServer({ server });
    for (const host of known) {
      const answer = await opened.app.inject({ url: "/healthz", headers: { host } });
      assert.equal(answer.statusCode, 200, host);
    }
    for (const host of unknown) {
      for (const url of ["/healthz", "/api/v1/sources", "/", "/nothing", "/pages/x"]) {
        const answer = await opened.app.inject({ url, headers: { host } });
        const { detail } = toProblem(answer, 421);
        assert.match(String(detail), /add the name to server\.hosts/);
      }
    }
  });
});

suite("the token", () => {
  const given = { server: "{ token: { env: T } }", token: "s3cret" };

  test("stays as it was when the server began to listen, whatever a reload says", async () => {
    await using opened = await createServer(given);
    const { engine } = opened.hub;
    await engine.reload({
      ...engine.config,
      server: { ...engine.config.server, token: undefined },
    });
    assert.equal(engine.config.server.token, undefined);
    assert.equal((await opened.app.inject("/api/v1/sources")).statusCode, 401);
  });
  const bad = ["", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"];

  test("is needed for everything that tells what is watched", async () => {
    await using opened = await createServer(given);
    const guarded = routes
      .filter(({ isPublic }) => isPublic !== true)
      .map(({ path: url, kind }) => ({ url, method: kind === "action" ? "POST" : "GET" }) as const);
    const paths = guarded.map(({ url }) => url);
    assert.ok(paths.includes("/api/v1/sources") && paths.includes("/api/v1/live"));
    for (const { url, method } of [...guarded, { url: "/pages/x", method: "GET" } as const]) {
      for (const authorization of bad) {
        const answer = await opened.app.inject({ url, method, headers: { authorization } });
        assert.equal(toProblem(answer, 401)["code"], "UNAUTHORIZED");
        assert.equal(answer.headers["www-authenticate"], "Bearer");
      }
      assert.equal((await opened.app.inject({ url, method: "HEAD" })).statusCode >= 400, true);
    }
    for (const authorization of ["Bearer s3cret", "bearer s3cret"]) {
      const headers = { authorization };
      for (const url of ["/api/v1/sources", "/pages/x"]) {
        assert.equal((await opened.app.inject({ url, headers })).statusCode, 200);
      }
    }
  });

  test("is not needed for health and the page's own files", async () => {
    const body = Buffer.from("<!doctype html>");
    const page = { contentType: "text/html; charset=utf-8", body, isImmutable: false };
    await using opened = await createServer({ ...given, assets: new Map([["/", page]]) });
    for (const url of ["/healthz", "/"]) {
      assert.equal((await opened.app.inject(url)).statusCode, 200, url);
    }
  });
});

suite("answers", () => {
  test("carry the policy of the page, whatever they are", async () => {
    await using opened = await createServer();
    const policy = securityHeaders["content-security-policy"];
    assert.match(policy ?? "", /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy ?? "", /unsafe|\*|http/);
    for (const url of [
      "/healthz",
      "/api/v1/sources",
      "/pages/x",
      "/",
      "/nothing",
      "/%zz",
      "/api/v1/live?x=1",
    ]) {
      checkHeaders(await opened.app.inject(url));
    }
  });

  test("of the API are never kept by a cache", async () => {
    await using opened = await createServer();
    for (const url of [
      "/api/v1/sources",
      "/api/v1/incidents",
      "/healthz",
      "/pages/x",
      "/nothing",
    ]) {
      assert.equal((await opened.app.inject(url)).headers["cache-control"], "no-store", url);
    }
  });

  test("are as each route says", async () => {
    await using opened = await createServer();
    await opened.world.node.advance(11_500);
    for (const route of routes) {
      if (route.kind === "json" && Object.keys(route.query.shape).length === 0) {
        const answer = await opened.app.inject(route.path);
        assert.equal(answer.statusCode, 200, answer.body);
        assert.deepEqual(route.reply.parse(answer.json()), answer.json(), route.path);
      }
    }
    const { sources, node, version } = (await opened.app.inject("/api/v1/sources")).json();
    assert.deepEqual([node, version], ["test", "1.2.3"]);
    assert.equal(sources[0].state, "ok");
    assert.deepEqual(sources[0].totals, [{ name: "n_total", labels: {}, value: 11 }]);
  });

  test("to HEAD are those to GET without a body; a stream has none", async () => {
    await using opened = await createServer();
    for (const url of ["/healthz", "/api/v1/sources", "/pages/x", "/"]) {
      const [get, head] = [
        await opened.app.inject(url),
        await opened.app.inject({ url, method: "HEAD" }),
      ];
      assert.equal(head.statusCode, get.statusCode, url);
      assert.equal(head.headers["content-type"], get.headers["content-type"]);
      assert.equal(head.headers["content-length"], String(Buffer.byteLength(get.body)));
      assert.equal(head.body, "");
    }
    const stream = await opened.app.inject({ url: "/api/v1/live", method: "HEAD" });
    assert.equal(stream.statusCode, 404);
  });

  test("to what is not there are 404, and name it", async () => {
    await using opened = await createServer();
    for (const url of [
      "/nothing",
      "/api/v1/none",
      "/api/v1/sources/",
      "/healthz/x",
      "/pages/x/y",
    ]) {
      const { code, detail } = toProblem(await opened.app.inject(url), 404);
      assert.deepEqual([code, detail], ["NOT_FOUND", `there is nothing to GET at ${url}`]);
    }
    for (const method of ["POST", "PUT", "DELETE", "PATCH"] as const) {
      for (const url of ["/", "/api/v1/sources", "/pages/x"]) {
        toProblem(await opened.app.inject({ url, method }), 404);
      }
    }
  });

  test("to a bad query are 400, and name every parameter that is wrong", async () => {
    await using opened = await createServer();
    for (const [url, pattern] of [
      ["/api/v1/incidents?limit=0", /^limit /],
      ["/api/v1/incidents?limit=1001", /^limit /],
      ["/api/v1/incidents?limit=many", /^limit /],
      ["/api/v1/incidents?state=closed", /^state /],
      ["/api/v1/incidents?state=all&state=open", /^state /],
      ["/api/v1/incidents?limit=0&state=closed", /state .*limit |limit .*state /],
      ["/api/v1/live?since=10", /^since has no unit; write 10ms, 10s/],
      ["/api/v1/live?since=-1s", /^since /],
      ["/api/v1/sources?limt=1", /limt/],
      ["/healthz?__proto__=1", /./],
    ] as const) {
      const { code, detail } = toProblem(await opened.app.inject(url), 400);
      assert.equal(code, "REQUEST_INVALID");
      assert.match(String(detail), pattern, url);
    }
  });

  test("to what fastify refuses are problems too", async () => {
    await using opened = await createServer();
    toProblem(await opened.app.inject("/%zz"), 400);
    const large = { method: "POST" as const, url: "/nothing", payload: "x".repeat(70_000) };
    const headers = { "content-type": "text/plain" };
    toProblem(await opened.app.inject({ ...large, headers }), 413);
    const broken = { method: "POST" as const, url: "/nothing", payload: "{" };
    const json = { "content-type": "application/json" };
    toProblem(await opened.app.inject({ ...broken, headers: json }), 400);
  });

  test("to a mistake of ours are 500 without its reason, which is logged", async () => {
    await using opened = await createServer();
    const { engine, node } = opened.world;
    Object.defineProperty(engine, "incidents", {
      value: () => {
        throw new TypeError("the secret reason");
      },
    });
    const answer = await opened.app.inject("/api/v1/incidents?limit=5");
    const { code, detail } = toProblem(answer, 500);
    assert.equal(code, "INTERNAL");
    assert.doesNotMatch(String(detail), /secret/);
    assert.deepEqual(node.log, ["error GET /api/v1/incidents failed: the secret reason"]);
  });
});

suite("readiness", () => {
  test("is 503 with the reason while nothing reaches the journal", async () => {
    await using opened = await createServer();
    const { node } = opened.world;
    const ask = (): Promise<Answer> => opened.app.inject("/readyz");
    assert.match(String(toProblem(await ask(), 503)["detail"]), /nothing has been written yet/);
    await node.advance(1_000);
    assert.equal((await ask()).statusCode, 200);
    node.journal.fail("append");
    await node.advance(12_000);
    assert.match(String(toProblem(await ask(), 503)["detail"]), /nothing was written for \d+ s/);
    node.journal.fail("status");
    const { code, detail } = toProblem(await ask(), 503);
    assert.deepEqual([code, detail], ["JOURNAL_UNAVAILABLE", "The disk is full; make room."]);
    node.journal.mend();
    await node.advance(20_000);
    assert.equal((await ask()).statusCode, 200);
    assert.equal((await opened.app.inject("/healthz")).statusCode, 200);
  });
});

suite("the page", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "watchpost-page-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const root = path.join(folder, "ui");
  mkdirSync(path.join(root, "assets"), { recursive: true });
  const files = {
    "index.html": "<!doctype html>",
    "favicon.svg": "<svg/>",
    "assets/main-1a2b.js": "let a;",
    "assets/main-1a2b.css": "a {}",
    "assets/main-1a2b.js.map": "{}",
    "../secret.html": "secret",
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(root, name), text);
  }

  test("is served with its type; hashed files are kept by caches, the page is not", async () => {
    await using opened = await createServer({ assets: loadPageAssets(root) });
    for (const [url, type, caching] of [
      ["/", "text/html; charset=utf-8", "no-cache"],
      ["/?x=1", "text/html; charset=utf-8", "no-cache"],
      ["/favicon.svg", "image/svg+xml", "no-cache"],
      ["/assets/main-1a2b.js", "text/javascript; charset=utf-8", /immutable/],
      ["/assets/main-1a2b.css", "text/css; charset=utf-8", /max-age=31536000/],
    ] as const) {
      const answer = await opened.app.inject(url);
      assert.equal(answer.statusCode, 200, url);
      checkHeaders(answer);
      assert.equal(answer.headers["content-type"], type);
      assert.match(String(answer.headers["cache-control"]), new RegExp(caching));
    }
  });

  test("is all that is served of the disk", async () => {
    await using opened = await createServer({ assets: loadPageAssets(root) });
    for (const url of [
      "/../secret.html",
      "/..%2fsecret.html",
      "/%2e%2e/secret.html",
      "/assets/../../secret.html",
      "/assets/..%5c..%5csecret.html",
      "//secret.html",
      "/index.html",
      "/assets/",
      "/assets/main-1a2b.js.map",
      "/etc/passwd",
      "/__proto__",
      "/constructor",
    ]) {
      toProblem(await opened.app.inject(url), 404);
    }
  });

  test("that was not built is said so, and nothing else is missing", async () => {
    await using opened = await createServer({ assets: loadPageAssets(path.join(folder, "none")) });
    const answer = await opened.app.inject("/");
    assert.equal(answer.statusCode, 200);
    assert.match(answer.body, /has not been built \(npm run build\).*\/api\/v1\//);
    checkHeaders(answer);
  });
});

suite("the socket", () => {
  test("what is not HTTP gets one answer, with the policy, and the connection ends", async () => {
    await using opened = await createServer();
    await opened.app.listen({ host: "127.0.0.1", port: 0 });
    const port = toPort(opened);
    for (const [text, status] of [
      ["nonsense\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 421],
      [`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
      socket.on("error", () => {});
      socket.write(text);
      await new Promise((resolve) => socket.once("close", resolve));
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(answer, /content-security-policy: default-src 'none'/);
    }
  });

  test("a port that is taken refuses to start", async () => {
    await using opened = await createServer();
    await opened.app.listen({ host: "127.0.0.1", port: 0 });
    const port = toPort(opened);
    await using second = await createServer({ server: `{ listen: '127.0.0.1:${port}' }` });
    await assert.rejects(startServer({ hub: second.hub, assets: new Map() }), {
      code: "LISTEN_REFUSED",
      message: new RegExp(`^cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    });
  });

  test("tells the address that it got", async () => {
    await using opened = await createServer({ server: "{ listen: '[::1]:0' }" });
    await using running = await startServer({ hub: opened.hub, assets: new Map() });
    assert.match(running.url, /^http:\/\/\[::1\]:\d+\/$/);
    assert.equal((await fetch(`${running.url}healthz`)).status, 200);
  });
});

function toPort({ app }: ServerWorld): number {
  const address = app.server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}
