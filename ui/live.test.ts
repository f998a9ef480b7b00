import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError } from "./api.ts";
import { followLive, type LiveOptions } from "./live.ts";

type Connect = LiveOptions["connect"];

interface Story {
  /** What happened, in order. */
  readonly lines: string[];
  run(): Promise<void>;
}

/** Plays one connection after another, and stops when there is none left. */
function tell(...connections: readonly (() => Response)[]): Story {
  const lines: string[] = [];
  const stop = new AbortController();
  const rest = [...connections];
  const connect: Connect = async (lastEventId) => {
    lines.push(`connect ${lastEventId || "(start)"}`);
    const next = rest.shift();
    if (next === undefined) {
      stop.abort();
      throw new TypeError("the story is over");
    }
    return next();
  };
  const options: LiveOptions = {
    connect,
    sleep: async () => {},
    random: () => 1,
    signal: stop.signal,
    on: {
      open: () => lines.push("open"),
      event: ({ name, data }) => lines.push(`${name} ${data}`),
      lost: (reason, retryMs) => lines.push(`lost, ${retryMs} ms: ${reason}`),
    },
  };
  return { lines, run: () => followLive(options) };
}

function refuse(status: number, text: string): () => Response {
  return () => {
    throw new ApiError(status, text);
  };
}

function unreachable(): Response {
  throw new TypeError("fetch failed");
}

suite("live", () => {
  test("a stream that ends is followed from the last complete event", async () => {
    const story = tell(
      () => new Response("id: 7\nevent: batch\ndata: a\n\nid: 8\nevent: batch\ndata: cut"),
      () => new Response("id: 8\nevent: batch\ndata: b\n\n"),
    );
    await story.run();
    assert.deepEqual(story.lines, [
      "connect (start)",
      "open",
      "batch a",
      "lost, 500 ms: The server ended the stream.",
      "connect 7",
      "open",
      "batch b",
      "lost, 500 ms: The server ended the stream.",
      "connect 8",
    ]);
  });

  test("pauses grow while nothing is received, and start anew after that", async () => {
    const story = tell(
      unreachable,
      unreachable,
      refuse(503, "The node is stopping."),
      () => new Response("data: x\n\n"),
    );
    await story.run();
    assert.deepEqual(
      story.lines.filter((line) => line.startsWith("lost")),
      [
        "lost, 500 ms: The server cannot be reached.",
        "lost, 1000 ms: The server cannot be reached.",
        "lost, 2000 ms: The node is stopping.",
        "lost, 500 ms: The server ended the stream.",
      ],
    );
  });

  test("the server may ask for a longer pause", async () => {
    const story = tell(() => new Response("retry: 4000\n\n"));
    await story.run();
    assert.ok(story.lines.includes("lost, 4000 ms: The server ended the stream."));
  });

  test("a refused token ends it", async () => {
    const story = tell(refuse(401, "A token is needed."));
    await assert.rejects(story.run(), (error) => error instanceof ApiError && error.denied);
  });
});
