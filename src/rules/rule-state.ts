import { type Batch, isTick } from "../core/batch.ts";
import { Corrupt } from "../core/errors.ts";
import type { Measured } from "./contribution.ts";
import type { SourceProgress, StateChanges, StoredSlot, StoredState } from "./incident-store.ts";
import { advanceTime, type JournalTime } from "./journal-time.ts";
import { appliesTo, type Rule } from "./rule.ts";
import { type IncidentChange, Track, type TrackMeta } from "./track.ts";

/**
 * A live batch that ends this much before its source's last one means that the clock was set back (or was wrong
 * before): the source's windows begin anew. What is late by less belongs into its old window.
 */
export const backStepMs = 10 * 60_000;

/** The tracks that a source's batches go to. */
interface Route {
  readonly service: string;
  readonly tracks: readonly Track[];
  readonly byMetric: ReadonlyMap<string, readonly Track[]>;
}

/** The rules with all that they remember. Memory only: deterministic in what it is given, and `takeChanges` says what to store. */
export class RuleState {
  readonly #rules: readonly Rule[];
  readonly #sources: Map<string, SourceProgress>;
  /** By source, then by rule. */
  readonly #tracks = new Map<string, Map<string, Track>>();
  readonly #routes = new Map<string, Route>();
  #time: JournalTime;

  readonly #unsavedSources = new Set<string>();
  readonly #unsavedTracks = new Set<Track>();
  readonly #incidents = new Map<string, IncidentChange>();

  constructor(rules: readonly Rule[], stored: StoredState) {
    this.#rules = rules;
    this.#time = stored.time;
    this.#sources = new Map(stored.sources);
    this.#restore(stored);
  }

  get tracks(): Iterable<Track> {
    return this.#tracks.values().flatMap((tracks) => tracks.values());
  }

  /** Batches were missed: no window reaches across. */
  lose(): void {
    for (const track of this.tracks) {
      track.lose(-Infinity);
      this.#unsavedTracks.add(track);
    }
    for (const [source, { lastTo }] of this.#sources) {
      this.#progress(source, { lastTo, since: undefined });
    }
  }

  /** Takes the next batch of the journal. */
  take(batch: Batch): void {
    const before = this.#welcome(batch);
    const route = this.#routeOf(batch);
    for (const sample of measuredIn(batch)) {
      for (const track of route.byMetric.get(sample.name) ?? []) {
        track.add(batch, sample);
        this.#unsavedTracks.add(track);
      }
    }
    const since = batch.partial ? batch.to : (before.since ?? batch.from);
    const isNewest = before.lastTo === undefined || batch.to > before.lastTo;
    const isEvaluated = isNewest && !batch.more;
    this.#progress(batch.source, { lastTo: isEvaluated ? batch.to : before.lastTo, since });
    if (isEvaluated) {
      this.#evaluate(route, batch, since);
    }
    if (isTick(batch)) {
      this.#tick(batch.to);
    }
  }

  /** Since the last call. */
  takeChanges(): StateChanges {
    const changes = {
      time: this.#time,
      sources: Array.from(this.#unsavedSources, (source) => {
        const progress = this.#sources.get(source) ?? { lastTo: undefined, since: undefined };
        return [source, progress] as const;
      }),
      tracks: Array.from(this.#unsavedTracks, (track) => track.takeChanges()),
      incidents: [...this.#incidents.values()],
    };
    this.#unsavedSources.clear();
    this.#unsavedTracks.clear();
    this.#incidents.clear();
    return changes;
  }

  /** What is known of the source before this batch; a new source, a gap and a step back of its clock are met here. */
  #welcome(batch: Batch): SourceProgress {
    const known = this.#sources.get(batch.source);
    if (known === undefined) {
      return { lastTo: undefined, since: batch.from };
    }
    const { lastTo, since } = known;
    if (lastTo !== undefined && !batch.backfill && lastTo - batch.to > backStepMs) {
      for (const track of this.#tracks.get(batch.source)?.values() ?? []) {
        track.lose(-Infinity);
        this.#unsavedTracks.add(track);
      }
      return { lastTo: undefined, since: batch.from };
    }
    // The first batch after a gap may be the last part of a split window.
    return { lastTo, since: since ?? batch.to };
  }

  #progress(source: string, progress: SourceProgress): void {
    this.#sources.set(source, progress);
    this.#unsavedSources.add(source);
  }

  #evaluate(route: Route, batch: Batch, wholeSince: number): void {
    const { from, to, backfill } = batch;
    const instant = { from, to, backfill, wholeSince, watchedMs: this.#time.watchedMs };
    for (const track of route.tracks) {
      for (const change of track.evaluate(instant)) {
        this.#incidents.set(change.incident.id, change);
      }
      this.#unsavedTracks.add(track);
    }
  }

  #tick(at: number): void {
    this.#time = advanceTime(this.#time, at);
    for (const track of this.tracks) {
      if (track.isWaiting) {
        for (const change of track.tick(at, this.#time.watchedMs)) {
          this.#incidents.set(change.incident.id, change);
        }
        this.#unsavedTracks.add(track);
      }
    }
  }

  #routeOf(batch: Batch): Route {
    const known = this.#routes.get(batch.source);
    if (known?.service === batch.service) {
      return known;
    }
    const { source, service, from } = batch;
    const tracks = this.#rules
      .filter((rule) => appliesTo(rule, batch))
      .map((rule) => this.#track(rule, source, { kind: undefined, service, since: from }));
    // Also one that this batch brings nothing for: a restart has to know since when it was watched.
    tracks.forEach((track) => this.#unsavedTracks.add(track));
    const byMetric = groupByMetric(tracks);
    const route = { service, tracks, byMetric };
    this.#routes.set(source, route);
    return route;
  }

  #track(rule: Rule, source: string, meta: TrackMeta): Track {
    const tracks = this.#tracks.get(source) ?? new Map<string, Track>();
    this.#tracks.set(source, tracks);
    const track = tracks.get(rule.id) ?? new Track(rule, source, meta);
    tracks.set(rule.id, track);
    return track;
  }

  #restore(stored: StoredState): void {
    const rules = new Map(this.#rules.map((rule) => [rule.id, rule]));
    for (const { rule: id, source, meta } of stored.tracks) {
      const rule = rules.get(id);
      if (rule !== undefined) {
        this.#track(rule, source, meta);
      }
    }
    for (const { key, incident } of stored.openIncidents) {
      const rule = rules.get(incident.rule);
      if (rule !== undefined) {
        // Without a track the rule was changed; it judges its incident anew with what it sees from here on.
        const since = stored.sources.get(incident.source)?.lastTo ?? -Infinity;
        const meta = { kind: undefined, service: incident.service, since };
        this.#track(rule, incident.source, meta).restoreIncident(key, incident);
      }
    }
    for (const { rule, source, key, pending } of stored.instances) {
      this.#tracks.get(source)?.get(rule)?.restoreInstance(key, pending);
    }
    const corrupt = new Set<Track>();
    for (const slot of stored.slots) {
      const track = this.#tracks.get(slot.source)?.get(slot.rule);
      if (track !== undefined && !isRestored(track, slot)) {
        corrupt.add(track);
      }
    }
    for (const [source, tracks] of this.#tracks) {
      const lastTo = stored.sources.get(source)?.lastTo;
      for (const track of tracks.values()) {
        track.finishRestore(lastTo);
        if (corrupt.has(track)) {
          track.lose(lastTo ?? -Infinity);
          this.#unsavedTracks.add(track);
        }
      }
    }
  }
}

function* measuredIn({ samples, tops }: Batch): Generator<Measured> {
  yield* samples;
  for (const top of tops) {
    yield { kind: "top", ...top };
  }
}

function groupByMetric(tracks: readonly Track[]): Map<string, Track[]> {
  const byMetric = new Map<string, Track[]>();
  for (const track of tracks) {
    const { metric, of } = track.rule;
    for (const name of new Set([metric, of?.metric ?? metric])) {
      byMetric.set(name, [...(byMetric.get(name) ?? []), track]);
    }
  }
  return byMetric;
}

/** False for a damaged slot: the window then begins anew, as after a gap. */
function isRestored(track: Track, { window, at, body }: StoredSlot): boolean {
  try {
    track.restoreSlot(window, at, body);
    return true;
  } catch (error) {
    if (error instanceof Corrupt) {
      return false;
    }
    throw error;
  }
}
