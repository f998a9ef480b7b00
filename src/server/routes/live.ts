import { z } from "zod";
import { toBatchJson } from "../../core/batch-json.ts";
import { BoundedQueue } from "../../core/bounded-queue.ts";
import { duration } from "../../core/options.ts";
import type { Cursor } from "../../journal/journal.ts";
import type { Hub } from "../hub.ts";
import { toIncidentJson } from "../incident-json.ts";
import { type StreamClient, defineStream } from "../route.ts";

const sliceLimits = { batchesMax: 200, bytesMax: 1024 * 1024 };
/** Incidents that changed while the client was not taking anything. */
const incidentsMax = 1_000;

export const live = defineStream({
  kind: "stream",
  path: "/api/v1/live",
  summary: "Streams batches and incidents as they come, after a replay of the recent past.",
  query: z.strictObject({
    since: duration()
      .default(0)
      .describe("How far back to begin, for a client that has seen nothing yet."),
  }),
  events: {
    batch: "A batch; its id is a cursor, with which a client that reconnects goes on.",
    incident: "An incident that opened, changed or cleared.",
    gap: "Batches between the client's cursor and what is retained were lost to it.",
  },

  async stream({ since }, hub, client) {
    const changed = new BoundedQueue<unknown>(incidentsMax);
    const wake = createWake();
    const stop = hub.engine.onIncident((incident) => {
      changed.offer(toIncidentJson(incident));
      wake.ring();
    });
    try {
      await send({ hub, client, changed, wake, sinceMs: since });
    } finally {
      stop();
    }
  },
});

interface Sending {
  readonly hub: Hub;
  readonly client: StreamClient;
  readonly changed: BoundedQueue<unknown>;
  readonly wake: Wake;
  readonly sinceMs: number;
}

async function send({ hub, client, changed, wake, sinceMs }: Sending): Promise<void> {
  const { journal } = hub.engine;
  const from = hub.environment.clock.now() - sinceMs;
  let cursor = toCursor(client.lastEventId) ?? (await journal.seek(from));
  while (!client.signal.aborted) {
    const slice = await journal.read(cursor, sliceLimits);
    for (const gap of slice.gaps) {
      await client.send({ name: "gap", data: { ...gap, batches: gap.batches ?? null } });
    }
    for (const { batch, next } of slice.entries) {
      await client.send({ name: "batch", id: next, data: toBatchJson(batch) });
    }
    for (const incident of changed.take(incidentsMax)) {
      await client.send({ name: "incident", data: incident });
    }
    if (slice.next === cursor) {
      await waitForEither(journal.changed.bind(journal, cursor), wake, client.signal);
    }
    cursor = slice.next;
  }
}

/** Any text will do: a cursor that the journal cannot use leads to a gap. */
function toCursor(text: string | undefined): Cursor | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- opaque by design, and checked where it is used
  return text as Cursor | undefined;
}

/** Lets one waiter know that something is there. */
interface Wake {
  ring(): void;
  wait(signal: AbortSignal): Promise<void>;
}

function createWake(): Wake {
  let bell = Promise.withResolvers<void>();
  return {
    ring: () => bell.resolve(),
    async wait(signal) {
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => aborted.resolve(), { once: true });
      await Promise.race([bell.promise, aborted.promise]);
      bell = Promise.withResolvers<void>();
    },
  };
}

/** Returns when either has something, or the client has gone; leaves no waiter behind. */
async function waitForEither(
  changed: (signal: AbortSignal) => Promise<void>,
  wake: Wake,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  await Promise.race([changed(both).catch(() => {}), wake.wait(both)]);
  over.abort();
}
