import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type FakeTty, createFakeTty } from "../../../test/fake-tty.ts";
import { type ShopSession, startShopSession } from "../../../test/top-session.ts";
import { runLive } from "./run-live.ts";

const look = { hasColors: false, isAscii: false };
const leave = "\u001b[?1049l";

interface Live extends AsyncDisposable {
  readonly shop: ShopSession;
  readonly tty: FakeTty;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** What was written since the last call. */
  written(): string;
}

async function startLive(tty = createFakeTty()): Promise<Live> {
  const shop = await startShopSession();
  const stop = new AbortController();
  const ended = runLive({ session: shop.session, tty, look, stop: stop.signal });
  return {
    shop,
    tty,
    stop,
    ended,
    written: () => tty.take().join(""),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await shop[Symbol.asyncDispose]();
    },
  };
}

suite("the terminal is as it was before, and nobody listens to it any more", () => {
  const ends: readonly (readonly [string, (live: Live) => void])[] = [
    ["q", ({ tty }) => tty.type("q")],
    ["ctrl-c", ({ tty }) => tty.type("\u0003")],
    ["a signal", ({ stop }) => stop.abort()],
    ["a terminal that was closed", ({ tty }) => tty.emit("gone", undefined)],
  ];
  for (const [name, end] of ends) {
    test(`after ${name}`, async () => {
      await using live = await startLive();
      end(live);
      await live.ended;
      assert.ok(live.written().endsWith(leave));
      assert.deepEqual([live.tty.isRaw, live.tty.listeners()], [false, 0]);
    });
  }

  test("after drawing has failed", async () => {
    const tty = createFakeTty();
    Object.defineProperty(tty, "columns", {
      get: () => {
        throw new Error("no such terminal");
      },
    });
    await assert.rejects(startLiveAndWait(tty), /no such terminal/);
    assert.ok(tty.take().join("").endsWith(leave));
    assert.deepEqual([tty.isRaw, tty.listeners()], [false, 0]);
  });
});

async function startLiveAndWait(tty: FakeTty): Promise<void> {
  await using shop = await startShopSession();
  const stop = new AbortController();
  await runLive({ session: shop.session, tty, look, stop: stop.signal });
}

test("it gives the terminal to the shell while it is stopped, and draws everything when it goes on", async () => {
  await using live = await startLive();
  live.written();
  live.tty.type("\u001a");
  assert.ok(live.written().endsWith(leave));
  assert.deepEqual([live.tty.isStopped, live.tty.isRaw], [true, false]);
  live.tty.emit("continue", undefined);
  const written = live.written();
  assert.ok(written.startsWith("\u001b[?1049h"));
  assert.match(written, /requests .*\/s/);
  assert.equal(live.tty.isRaw, true);
});

test("a filter counts anew, with its lines only", async () => {
  await using live = await startLive();
  live.tty.type("/status >= 500\r");
  await live.shop.fake.advance(2000);
  const { span } = live.shop.session.shown(0);
  const statuses = [...(span?.whole.total().statuses.keys() ?? [])];
  assert.ok(statuses.length > 0);
  assert.deepEqual(
    statuses.filter((status) => status < "500"),
    [],
  );
  assert.ok((span?.whole.lines.get("filtered") ?? 0) > 100);
});

test("a picture that is held does not change, until it goes on", async () => {
  await using live = await startLive();
  live.tty.type(" ");
  assert.match(live.written(), /PAUSED/);
  await live.shop.fake.advance(5000);
  live.tty.type("?");
  live.tty.type("x");
  assert.doesNotMatch(live.written(), /55:4\d/);
  live.tty.type(" ");
  assert.match(live.written(), /55:42/);
});

test("a new size is drawn at once", async () => {
  await using live = await startLive();
  live.written();
  live.tty.rows = 10;
  live.tty.columns = 50;
  live.tty.emit("resize", undefined);
  assert.equal(live.written().split(";1H").length - 1, 10);
});
