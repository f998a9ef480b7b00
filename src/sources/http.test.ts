import assert from "node:assert/strict";
import test from "node:test";
import { createWorld, type ContextExtras } from "../../test/world.ts";
import type { Observation } from "../core/component.ts";
import type { Reply, World } from "../core/example-world.ts";
import type { Fetch } from "../core/network.ts";
import { http } from "./http.ts";

const url = "https://shop.example/";

test("what the target does is down, what may be our fault is unknown", async () => {
  const down = [
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EHOSTUNREACH",
    "CERT_HAS_EXPIRED",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UND_ERR_SOCKET",
    "HPE_INVALID_CONSTANT",
  ];
  for (const error of down) {
    const observation = await look({ error });
    assert.deepEqual(valuesOf(observation), { check_up: 0 }, error);
    assert.match(
      observation.events?.[0]?.text ?? "",
      new RegExp(`is down: it .* \\(${error}\\)\\.$`),
    );
  }
  for (const error of ["EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EMFILE", "ENOBUFS", "ESOMETHING"]) {
    await assert.rejects(look({ error }), /fetch failed/, error);
  }
});

test("an answer that is no HTTP is the target's fault, though its error has no code", async () => {
  const cause = Object.assign(new Error("Response does not match"), { name: "HTTPParserError" });
  const fetch: Fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
  assert.deepEqual(valuesOf(await lookWith(fetch)), { check_up: 0 });
});

test("of several addresses, one that refuses is an answer", async () => {
  const codes = ["ENETUNREACH", "ECONNREFUSED"];
  const errors = codes.map((code) => Object.assign(new Error(code), { code }));
  const cause = Object.assign(new AggregateError(errors), { code: "ENETUNREACH" });
  const fetch: Fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
  assert.deepEqual(valuesOf(await lookWith(fetch)), { check_up: 0 });
});

test("a change is an event, and only a change", async () => {
  const first = await look({ status: 503 });
  assert.deepEqual(eventNames(first), ["check_down"]);
  assert.equal(
    first.events?.[0]?.text,
    `${url} is down: it answered with status 503 instead of 200-299.`,
  );
  const second = await look({ error: "ECONNREFUSED" }, { position: first.position });
  assert.deepEqual(eventNames(second), []);
  const third = await look({}, { position: second.position });
  assert.deepEqual(eventNames(third), ["check_up"]);
  assert.deepEqual(eventNames(await look({}, { position: third.position })), []);
  assert.deepEqual(eventNames(await look({})), []);
});

test("down says why, up says nothing", async () => {
  const remarks: readonly (readonly [Reply, string | undefined])[] = [
    [{ error: "ECONNREFUSED" }, "refused the connection (ECONNREFUSED)"],
    [{ error: "ENOTFOUND" }, "cannot be reached: there is no such host name (ENOTFOUND)"],
    [{ status: 503 }, "answered with status 503 instead of 200-299 or 404"],
    [{ status: 200, body: "Sold out" }, "answered 200 without the text that is expected"],
    [{ afterMs: 3_600_000 }, "did not answer within 8 s"],
    [{ status: 404, body: "Add to basket" }, undefined],
  ];
  const expect = { status: ["200-299", 404], body: "Add to basket" };
  for (const [reply, reason] of remarks) {
    const context = createWorld({ replies: { [url]: reply } }).context();
    const { remark } = await http.observe(http.options.parse({ url, expect }), context);
    assert.equal(remark, reason && `${url} ${reason}`);
  }
  assert.equal(http.target?.(http.options.parse({ url })), url);
});

test("redirects are followed as often as allowed, and no further", async () => {
  const given: World = {
    replies: {
      [url]: { status: 302, headers: { location: "/a" } },
      [`${url}a`]: { status: 301, headers: { location: "b?c" } },
      [`${url}b?c`]: { status: 200 },
    },
  };
  const statusAfter = async (follow: number): Promise<number | undefined> => {
    const options = http.options.parse({ url, follow });
    const observation = await http.observe(options, createWorld(given).context());
    return valuesOf(observation)["http_response_status"];
  };
  assert.deepEqual(
    [await statusAfter(0), await statusAfter(1), await statusAfter(2), await statusAfter(20)],
    [302, 301, 200, 200],
  );
});

test("an endless body is cut, and its request ended", async () => {
  let pulled = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(64 * 1024).fill(0x61));
    },
    cancel() {
      isCancelled = true;
    },
  });
  const observation = await lookWith(async () => new Response(endless));
  assert.equal(valuesOf(observation)["check_up"], 1);
  assert.ok(isCancelled);
  assert.ok(pulled < 20, `${pulled} chunks were read`);
});

test("a text that is split between two chunks is found, one behind the limit is not", async () => {
  const options = { url, expect: { body: "grün" } };
  assert.equal(valuesOf(await lookWith(answerIn("gr", "ün"), options))["check_up"], 1);
  const far = "x".repeat(1024 * 1024 - 2);
  assert.equal(valuesOf(await lookWith(answerIn(far, "grün"), options))["check_up"], 0);
});

test("a target that never answers is down; being stopped is not its fault", async () => {
  const observation = await look({ afterMs: 3_600_000 });
  assert.match(observation.events?.[0]?.text ?? "", /did not answer within 8 s\.$/);
  const stop = new AbortController();
  const looking = look({ afterMs: 3_600_000 }, { signal: stop.signal });
  stop.abort();
  await assert.rejects(looking, (error) => error === stop.signal.reason);
});

test("options that cannot work are refused", () => {
  const refused = [
    { url: "ftp://shop.example/" },
    { url: "https://ann:secret@shop.example/" },
    { url, expect: { status: ["2xx"] } },
    { url, expect: { status: ["299-200"] } },
    { url, expect: { status: [42] } },
    { url, follow: -1 },
  ];
  for (const options of refused) {
    assert.equal(http.options.safeParse(options).success, false, JSON.stringify(options));
  }
  assert.deepEqual(
    http.options.parse({ url, expect: { status: [204, "300 - 399"] } }).expect.status,
    [
      { from: 204, to: 204 },
      { from: 300, to: 399 },
    ],
  );
});

async function look(reply: Reply, extras: ContextExtras = {}): Promise<Observation> {
  const world = createWorld({ replies: { [url]: reply } });
  return http.observe(http.options.parse({ url }), world.context(extras));
}

async function lookWith(
  fetch: Fetch,
  options: Parameters<typeof http.options.parse>[0] = { url },
): Promise<Observation> {
  return http.observe(http.options.parse(options), { ...createWorld().context(), fetch });
}

/** Answers with a body that comes in these pieces. */
function answerIn(...pieces: string[]): Fetch {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(new TextEncoder().encode(piece));
      }
      controller.close();
    },
  });
  return async () => new Response(body);
}

function eventNames({ events = [] }: Observation): string[] {
  return events.map(({ name }) => name);
}

function valuesOf({ samples }: Observation): Record<string, number> {
  const gauges = samples.flatMap((sample) => (sample.kind === "gauge" ? [sample] : []));
  const values = gauges.map(({ name, value }) => [name, value] as const);
  return Object.fromEntries(values.filter(([name]) => name !== "check_duration_seconds"));
}
