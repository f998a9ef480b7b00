import assert from "node:assert/strict";
import test from "node:test";
import { createWorld } from "../../test/world.ts";
import type { Observation, SourceContext } from "../core/component.ts";
import type { Fetch } from "../core/network.ts";
import { Secret } from "../core/secret.ts";
import { createFakeWorker, type FakeWorker, toCsv, toSocketText } from "../../test/fake-haproxy.ts";
import { haproxy } from "./haproxy.ts";

const socket = "/run/haproxy.sock";
const url = "https://lb.example/haproxy?stats;csv";
const startS = Date.parse("2026-01-01T00:00:00Z") / 1_000 - 100;

test("what is no statistics is thrown, in words, and never zeros", async () => {
  const csv = toCsv(createFakeWorker(1, startS));
  const answers: readonly (readonly [Response, RegExp])[] = [
    [new Response("<html><form>Log in</form></html>"), /web page instead of statistics/],
    [new Response(""), /the answer is empty/],
    [new Response(csv.slice(0, -20)), /end in the middle/],
    [new Response("no", { status: 401 }), /status 401; are username and password right/],
    [new Response("no", { status: 503 }), /answered with status 503/],
    [redirectTo("https://lb.example/login"), /redirects to https:\/\/lb\.example\/login/],
    [new Response("x".repeat(2_000)), /longer than 1024 bytes/],
  ];
  for (const [response, reason] of answers) {
    const options = { url, limit: "1 KiB" };
    await assert.rejects(
      lookOver(async () => response, options),
      reason,
    );
  }
  for (const [reply, reason] of [
    ["", /empty/],
    ["Permission denied\n", /no statistics of HAProxy/],
    ["Unknown command: 'show info'\n", /name it as `master`/],
    [toSocketText(createFakeWorker(1, startS), startS).slice(0, -1), /in the middle/],
    [`${csv}\n`, /did not tell its process/],
  ] as const) {
    await assert.rejects(lookAt(reply), reason, reply);
  }
});

test("what it looks at is what was written, however it asks", () => {
  for (const [key, target] of [
    ["url", "http://lb.example/haproxy;csv"],
    ["socket", "/run/haproxy/admin.sock"],
    ["master", "[::1]:9999"],
  ] as const) {
    assert.equal(haproxy.target?.(haproxy.options.parse({ [key]: target })), target);
  }
});

test("nobody listening is down, and only a change of that is an event", async () => {
  const first = await lookAt(undefined);
  assert.deepEqual(eventNames(first), ["haproxy_down"]);
  assert.deepEqual(valuesOf(first), { haproxy_up: 0 });
  assert.equal(first.partial, true);
  assert.deepEqual(eventNames(await lookAt(undefined, first.position)), []);
  const worker = createFakeWorker(1, startS + 90);
  const back = await lookAt(toSocketText(worker, startS + 100), first.position);
  assert.deepEqual(eventNames(back), ["haproxy_up"]);
  const cause = codeOf("ECONNRESET");
  await assert.rejects(
    lookOver(() => Promise.reject(new TypeError("fetch failed", { cause }))),
    /fetch failed/,
    "a reset may be a reload",
  );
});

test("a missing certificate does not pass for a missing HAProxy", async () => {
  const options = haproxy.options.parse({ url, tls: { ca: "/etc/none.pem" } });
  await assert.rejects(
    haproxy.observe(options, createWorld().context()),
    /tls: \/etc\/none\.pem cannot be read/,
  );
});

test("states that change are events with their reasons", async () => {
  const worker = createFakeWorker(1, startS);
  const first = await lookAt(toSocketText(worker, startS + 100));
  assert.deepEqual(first.events, []);
  worker.status = "DOWN";
  const second = await lookAt(toSocketText(worker, startS + 101), first.position);
  assert.deepEqual(
    second.events?.map(({ name, labels, text }) => ({ name, labels, text })),
    [
      {
        name: "haproxy_server_down",
        labels: { proxy: "app", kind: "server", server: "a" },
        text: "The server app/a is down (L4CON, Connection refused) for 7s; it was up before.",
      },
    ],
  );
  for (const [status, name] of [
    ["DOWN 1/2", undefined],
    ["MAINT (via app/b)", "haproxy_server_maint"],
    ["DRAIN", "haproxy_server_drain"],
    ["UP 1/3", "haproxy_server_up"],
    ["no check", "haproxy_server_no_check"],
  ] as const) {
    worker.status = "DOWN";
    const down = await lookAt(toSocketText(worker, startS + 102), first.position);
    worker.status = status;
    const next = await lookAt(toSocketText(worker, startS + 103), down.position);
    assert.deepEqual(eventNames(next), name === undefined ? [] : [name]);
  }
});

test("a reload is an event, marks the batch, and is no spike", async () => {
  const old = { ...createFakeWorker(7, startS), requests: 9_000 };
  const first = await lookAt(toSocketText(old, startS + 100));
  const young = { ...createFakeWorker(8, startS + 100), requests: 12 };
  const second = await lookAt(toSocketText(young, startS + 105), first.position);
  assert.equal(second.partial, true);
  assert.equal(sessionsIn(second), 12);
  assert.match(
    second.events?.[0]?.text ?? "",
    /^HAProxy was reloaded or started again: process 8 has taken over from process 7\. What/,
  );
  assert.equal(sessionsIn(first), undefined, "the first look only says what to count from");
  const other = await lookAt(
    toSocketText({ ...young, requests: 20 }, startS + 106),
    second.position,
    {
      exclude: "stats",
    },
  );
  assert.equal(sessionsIn(other), undefined, "another question begins anew");
});

test("over HTTP, a dump and a page of different processes are asked for again", async () => {
  const [old, young] = [createFakeWorker(7, startS), createFakeWorker(8, startS + 99)];
  old.requests = 500;
  const first = await lookOver(answerBy([old, old, old, old]));
  young.requests = 3;
  // While both answer: the statistics of the new one with the page of the old one.
  const turns = [young, old, young, young, young, young];
  const second = await lookOver(answerBy(turns), { url }, first.position);
  assert.equal(sessionsIn(second), 3);
  young.requests = 5;
  const third = await lookOver(answerBy([young, young]), { url }, second.position);
  assert.equal(sessionsIn(third), 2, "and none of it was counted twice");
  assert.equal(third.partial, false);
  const restless = Array.from({ length: 20 }, (_, i) => createFakeWorker(i, startS));
  await assert.rejects(lookOver(answerBy(restless)), /another process .* at each request/);
});

test("over HTTP, the password is sent, the connection closed, and no redirect followed", async () => {
  const inits: RequestInit[] = [];
  const password = new Secret({ env: "LB_PASSWORD" });
  password.resolve("open:sesame");
  const options = { ...haproxy.options.parse({ url }), username: "admin", password };
  const answer = answerBy(Array.from({ length: 4 }, () => createFakeWorker(1, startS)));
  const fetch: Fetch = (at, init) => {
    inits.push(init);
    return answer(at, init);
  };
  await haproxy.observe(options, { ...createWorld().context(), fetch });
  for (const { headers, redirect } of inits) {
    assert.deepEqual(headers, {
      connection: "close",
      "user-agent": "Watchpost",
      authorization: `Basic ${Buffer.from("admin:open:sesame").toString("base64")}`,
    });
    assert.equal(redirect, "manual");
  }
});

test("proxies are chosen by name, and legacyRate is what its name says", async () => {
  const text = toSocketText(createFakeWorker(1, startS), startS)
    .replace("scur,", "scur,rate,")
    .replaceAll(/^(web|app),(\w+),0,/gm, "$1,$2,4,1,");
  const proxiesOf = async (options: object): Promise<string[]> => {
    const { samples } = await lookAt(text, undefined, options);
    return [...new Set(samples.flatMap(({ labels }) => labels["proxy"] ?? []))];
  };
  assert.deepEqual(await proxiesOf({}), ["web", "app"]);
  assert.deepEqual(await proxiesOf({ include: ["a*", "w"] }), ["app"]);
  assert.deepEqual(await proxiesOf({ include: "*", exclude: "*p" }), ["web"]);
  const sessionsOf = async (options: object): Promise<unknown> => {
    const { samples } = await lookAt(text, undefined, options);
    const found = samples.filter(({ name }) => name === "haproxy_sessions");
    return found.map(({ labels, value }) => [labels["kind"], value]);
  };
  const now = [
    ["frontend", 4],
    ["server", 4],
    ["backend", 4],
  ];
  assert.deepEqual(await sessionsOf({}), now);
  assert.deepEqual(await sessionsOf({ legacyRate: true }), now.with(2, ["backend", 1]));
});

test("the master socket's workers are added up", async () => {
  const [current, old] = [createFakeWorker(8, startS + 90), createFakeWorker(7, startS)];
  [current.sessions, old.sessions] = [2, 3];
  const list = "#<PID> <type>\n7000 master 1\n# workers\n8 worker 0\n# old workers\n7 worker 1\n";
  const look = async (position?: unknown): Promise<Observation> => {
    const replies: Record<string, string> = {
      "show proc;quit\n": list,
      "@!8 show info;@!8 show stat;quit\n": toSocketText(current, startS + 100),
      "@!7 show info;@!7 show stat;quit\n": toSocketText(old, startS + 100),
    };
    const context = createContextOver((command) => replies[command] ?? "", position);
    return haproxy.observe(haproxy.options.parse({ master: "/run/master.sock" }), context);
  };
  const first = await look();
  assert.equal(valuesOf(first)["haproxy_sessions"], 5);
  assert.equal(valuesOf(first)["haproxy_old_workers"], 1);
  [current.requests, old.requests] = [10, 4];
  const second = await look(first.position);
  assert.equal(sessionsIn(second), 14);
  assert.equal(second.partial, false);
});

test("options that cannot work are refused", () => {
  const password = { env: "P" };
  for (const options of [
    {},
    { url, socket },
    { socket, master: socket },
    { url: "ftp://lb.example/" },
    { url: "https://ann:secret@lb.example/" },
    { url, username: "admin" },
    { url, password },
    { socket, username: "admin", password },
    { socket: "haproxy.sock" },
    { socket: "lb.example" },
    { socket: "lb.example:0" },
    { url: "http://lb.example/", tls: {} },
    { url, tls: { key: "k.pem" } },
  ]) {
    assert.equal(haproxy.options.safeParse(options).success, false, JSON.stringify(options));
  }
  const [plain, bracketed] = ["lb.example:9999", "[::1]:9999"].map(
    (text) => haproxy.options.parse({ socket: text }).socket?.address,
  );
  assert.deepEqual(plain, { host: "lb.example", port: 9999 });
  assert.deepEqual(bracketed, { host: "::1", port: 9999 });
});

/** One look at a run-time socket that answers so; undefined: nobody listens. */
async function lookAt(
  reply: string | undefined,
  position?: unknown,
  options: object = {},
): Promise<Observation> {
  const world = createWorld(reply === undefined ? {} : { listeners: { [socket]: { reply } } });
  const given = haproxy.options.parse({ socket, ...options });
  return haproxy.observe(given, world.context({ position }));
}

async function lookOver(
  fetch: Fetch,
  options: object = { url },
  position?: unknown,
): Promise<Observation> {
  const context = { ...createWorld().context({ position }), fetch };
  return haproxy.observe(haproxy.options.parse(options), context);
}

/** Each request is answered by the next worker. */
function answerBy(workers: readonly FakeWorker[]): Fetch {
  const turns = workers.values();
  return async (address) => {
    const worker = turns.next().value;
    assert.ok(worker !== undefined, "one request more than expected");
    const seconds = startS + 100 - worker.startedAtS;
    const uptime = `0d 0h0${Math.floor(seconds / 60)}m${seconds % 60}s`;
    const page = `<b>pid = </b> ${worker.pid} (process #1)<br><b>uptime = </b> ${uptime}<br>`;
    return new Response(address.endsWith(";csv") ? toCsv(worker) : page);
  };
}

function createContextOver(answer: (command: string) => string, position: unknown): SourceContext {
  const context = createWorld().context({ position });
  return {
    ...context,
    network: {
      ...context.network,
      async connect() {
        let command = "";
        return {
          async write(bytes) {
            command += Buffer.from(bytes).toString();
          },
          async end() {},
          chunks: (async function* () {
            yield Buffer.from(answer(command));
          })(),
          async [Symbol.asyncDispose]() {},
        };
      },
    },
  };
}

function redirectTo(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

function codeOf(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function eventNames({ events = [] }: Observation): string[] {
  return events.map(({ name }) => name);
}

/** The first of each name: that of the frontend. */
function valuesOf({ samples }: Observation): Record<string, unknown> {
  return Object.fromEntries(samples.toReversed().map(({ name, value }) => [name, value]));
}

function sessionsIn(observation: Observation): unknown {
  return valuesOf(observation)["haproxy_sessions_total"];
}
