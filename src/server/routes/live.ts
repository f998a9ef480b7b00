import { z } from "zod";
import { toBatchJson } from "../../core/batch-json.ts";
import { duration } from "../../core/options.ts";
import { type Cursor, type Journal, toCursor } from "../../journal/journal.ts";
import type { Incident } from "../../rules/incident.ts";
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

  async stream({ since }, { engine, environment }, client) {
    const changed = new ChangedIncidents();
    const stop = engine.onIncident((incident) => changed.add(incident));
    try {
      const from = environment.clock.now() - since;
      const start = await findStart(engine.journal, client, from);
      await send(engine.journal, changed, client, start);
    } finally {
      stop();
    }
  },
});

/** Where the client goes on; where `from` is when it has seen nothing, or nothing of this journal. */
async function findStart(journal: Journal, client: StreamClient, from: number): Promise<Cursor> {
  const { lastEventId } = client;
  if (lastEventId === undefined) {
    return journal.seek(from);
  }
  const cursor = toCursor(lastEventId);
  const { gaps } = await journal.read(cursor, { batchesMax: 1, bytesMax: 1 });
  const foreign = gaps.filter(({ reason }) => reason === "epoch" || reason === "beyond");
  if (foreign.length === 0) {
    return cursor;
  }
  for (const gap of foreign) {
    await client.send({ name: "gap", data: { ...gap, batches: gap.batches ?? null } });
  }
  return journal.seek(from);
}

/** Until the client is gone, or takes so little that too many incidents wait for it: then it has to come back. */
async function send(
  journal: Journal,
  changed: ChangedIncidents,
  client: StreamClient,
  start: Cursor,
): Promise<void> {
  for (let cursor = start; !client.signal.aborted && !changed.isOverflowing;) {
    const slice = await journal.read(cursor, sliceLimits);
    for (const gap of slice.gaps) {
      await client.send({ name: "gap", data: { ...gap, batches: gap.batches ?? null } });
    }
    for (const { batch, next } of slice.entries) {
      await client.send({ name: "batch", id: next, data: toBatchJson(batch) });
    }
    for (const incident of changed.take()) {
      await client.send({ name: "incident", data: toIncidentJson(incident) });
    }
    if (slice.next === cursor) {
      await waitForEither(journal, cursor, changed, client.signal);
    }
    cursor = slice.next;
  }
}

/** The latest state of each incident that changed since it was taken last. */
class ChangedIncidents {
  readonly #incidents = new Map<string, Incident>();
  #bell = Promise.withResolvers<void>();
  #isOverflowing = false;

  /** Some were left out; who was to get them has to ask for all anew. */
  get isOverflowing(): boolean {
    return this.#isOverflowing;
  }

  add(incident: Incident): void {
    this.#incidents.delete(incident.id);
    if (this.#incidents.size >= incidentsMax) {
      this.#isOverflowing = true;
    } else {
      this.#incidents.set(incident.id, incident);
    }
    this.#bell.resolve();
  }

  /** In the order of their last changes. */
  take(): readonly Incident[] {
    const taken = [...this.#incidents.values()];
    this.#incidents.clear();
    this.#bell = Promise.withResolvers<void>();
    return taken;
  }

  /** Resolves once something has been added since `take`. */
  async changed(): Promise<void> {
    await this.#bell.promise;
  }
}

/** Returns when either has something, or the client has gone; leaves no waiter behind. */
async function waitForEither(
  journal: Journal,
  cursor: Cursor,
  incidents: ChangedIncidents,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const batches = journal.changed(cursor, AbortSignal.any([signal, over.signal]));
  try {
    await Promise.race([batches, incidents.changed()]);
  } finally {
    over.abort();
  }
}
