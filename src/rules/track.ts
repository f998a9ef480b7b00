import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";
import { compareWithBaseline, toShare } from "./compare.ts";
import { type Measured, type MeasuredKind, scaleToWindow } from "./contribution.ts";
import { describeCondition, describeIncident } from "./describe-incident.ts";
import { clearIncident, type Incident, incidentId, withValue } from "./incident.ts";
import { afterFinding, afterTick, firing, idle, type Pending, type Phase } from "./instance.ts";
import { instanceKey, instanceLabels, type Rule, selects, whyUnusable } from "./rule.ts";
import { isZeroWhenAbsent, judge, type Reading } from "./verdict.ts";
import { Window, type WindowChanges, type WindowName } from "./window.ts";

/** Combinations of the labels in `by` that one rule judges on one source; further ones are counted, not judged. */
export const instancesMax = 1000;

/** Before the key of an instance, in its window: what it is divided by. Keys are JSON, which never begins so. */
const divisorPrefix = "/";

interface Instance {
  readonly labels: Labels;
  pending: Pending | undefined;
  incident: Incident | undefined;
  /** Of a top, at the last evaluation; for the words of an incident only. */
  heaviest: string | undefined;
}

/** When a source's windows are evaluated. */
export interface Instant {
  /** The window that just ended. */
  readonly from: number;
  readonly to: number;
  /** Since when every batch of the source was seen whole. */
  readonly wholeSince: number;
  readonly watchedMs: number;
  readonly backfill: boolean;
}

/** An incident that was opened, cleared or got another value. */
export interface IncidentChange {
  readonly key: string;
  readonly incident: Incident;
}

/** What survives a restart, besides window and instances. */
export interface TrackMeta {
  readonly kind: MeasuredKind | undefined;
  readonly service: string;
  /** The rule has seen the source's batches since then. */
  readonly since: number;
}

export interface TrackChanges {
  readonly rule: string;
  readonly source: string;
  readonly meta: TrackMeta | undefined;
  readonly window: WindowChanges | undefined;
  readonly baseline: WindowChanges | undefined;
  /** Undefined: the instance is forgotten. Null: it is known, and not pending. */
  readonly instances: readonly (readonly [key: string, pending: Pending | null | undefined])[];
}

/** One rule on one source: its window and its instances. Memory only; `takeChanges` says what to store. */
export class Track {
  readonly rule: Rule;
  readonly source: string;
  /** Why the rule cannot judge what the source sends. */
  problem: string | undefined;
  /** Samples left out because of `instancesMax`. */
  samplesSkipped = 0;

  #meta: TrackMeta;
  #window: Window | undefined;
  /** The time before the window that it is compared with. */
  #baseline: Window | undefined;
  readonly #instances = new Map<string, Instance>();
  readonly #unsaved = new Set<string>();
  /** The pending ones, so that a tick costs nothing while there are none. */
  readonly #waiting = new Set<string>();
  #isMetaUnsaved = true;

  constructor(rule: Rule, source: string, meta: TrackMeta) {
    this.rule = rule;
    this.source = source;
    this.#meta = { ...meta, kind: undefined };
    if (meta.kind !== undefined) {
      this.#adoptKind(meta.kind);
    }
  }

  /** True while a tick can make an instance fire. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes a sample of the rule's metric, or of what it divides by, into the window of its batch. */
  add(batch: Batch, sample: Measured): void {
    if (batch.service !== this.#meta.service) {
      this.#meta = { ...this.#meta, service: batch.service };
      this.#isMetaUnsaved = true;
    }
    const isNumber = typeof sample.value !== "number" || Number.isFinite(sample.value);
    const isCounted = isNumber && selects(this.rule, sample);
    const isDivisor = isNumber && this.rule.of !== undefined && selects(this.rule.of, sample);
    if (!isCounted && !isDivisor) {
      return;
    }
    this.problem = whyUnusable(this.rule, sample.kind);
    if (this.problem !== undefined) {
      return;
    }
    const window = this.#window?.kind === sample.kind ? this.#window : this.#adoptKind(sample.kind);
    const key = instanceKey(this.rule, sample.labels);
    if (!this.#instances.has(key)) {
      if (this.#instances.size >= instancesMax) {
        this.samplesSkipped += 1;
        return;
      }
      this.#instance(key);
      this.#unsaved.add(key);
    }
    const scaled = scaleToWindow(sample, batch, this.rule.overMs);
    if (isCounted) {
      window.add(batch.to, key, scaled);
      this.#baseline?.add(batch.to, key, scaleToWindow(sample, batch, this.rule.baselineMs));
    }
    if (isDivisor) {
      window.add(batch.to, divisorPrefix + key, scaled);
    }
  }

  /** Judges every instance at the end of a window. */
  *evaluate(instant: Instant): Iterable<IncidentChange> {
    const window = this.#window;
    if (window === undefined) {
      return;
    }
    const readings = window.read(instant.to);
    const baselines = this.#readBaseline(instant);
    for (const [key, instance] of this.#instances) {
      const divisor = readings.get(divisorPrefix + key);
      const measured = this.#complete(window.kind, readings.get(key));
      const reading = this.#relate(measured, divisor, baselines?.get(key));
      const incident = this.#judge(key, instance, reading, instant);
      if (incident !== undefined) {
        yield { key, incident };
      }
      const isAbsent = !readings.has(key) && divisor === undefined && !baselines?.has(key);
      if (isAbsent && this.#isForgettable(window.kind, instance)) {
        this.#instances.delete(key);
        this.#unsaved.add(key);
      }
    }
    window.expire(instant.to);
    this.#baseline?.expire(instant.to - (this.rule.overMs ?? 0));
  }

  /** Lets pending instances fire whose `for` has passed; at the end of a tick. */
  *tick(at: number, watchedMs: number): Iterable<IncidentChange> {
    for (const key of this.#waiting) {
      const instance = this.#instance(key);
      const { pending } = instance;
      const phase = afterTick(phaseOf(instance), { at, watchedMs }, this.rule.forMs);
      if (pending !== undefined && phase.isFiring) {
        const { value, backfill } = pending;
        yield { key, incident: this.#open(key, instance, { at, value, backfill }) };
      }
    }
  }

  /**
   * Batches were missed, or time went back: windows and waiting conditions count for nothing; incidents stay open.
   * The rule counts as having seen every batch again since `since`.
   */
  lose(since: number): void {
    this.#window?.clear();
    this.#baseline?.clear();
    this.#meta = { ...this.#meta, since };
    this.#isMetaUnsaved = true;
    for (const key of this.#waiting) {
      this.#setPending(key, this.#instance(key), undefined);
    }
  }

  restoreInstance(key: string, pending: Pending | undefined): void {
    this.#setPending(key, this.#instance(key), pending);
    this.#unsaved.delete(key);
  }

  restoreIncident(key: string, incident: Incident): void {
    this.#instance(key).incident = incident;
  }

  /** Throws Corrupt. */
  restoreSlot(name: WindowName, at: number, body: Uint8Array): void {
    const window = name === "window" ? this.#window : this.#baseline;
    window?.restore(at, body);
  }

  /** After the slots are back: lets go of what no later window needs, as before the restart. */
  finishRestore(lastTo: number | undefined): void {
    if (lastTo !== undefined) {
      this.#window?.expire(lastTo);
      this.#baseline?.expire(lastTo - (this.rule.overMs ?? 0));
    }
    this.#isMetaUnsaved = false;
  }

  /** Since the last call. */
  takeChanges(): TrackChanges {
    const changes = {
      rule: this.rule.id,
      source: this.source,
      meta: this.#isMetaUnsaved ? this.#meta : undefined,
      window: this.#window?.takeChanges(),
      baseline: this.#baseline?.takeChanges(),
      instances: Array.from(this.#unsaved, (key) => {
        const instance = this.#instances.get(key);
        return [key, instance === undefined ? undefined : (instance.pending ?? null)] as const;
      }),
    };
    this.#isMetaUnsaved = false;
    this.#unsaved.clear();
    return changes;
  }

  /** The metric turned out to be of this kind, or changed it: what was collected before does not compare. */
  #adoptKind(kind: MeasuredKind): Window {
    const { overMs, baselineMs, side, quantile } = this.rule;
    const hadWindow = this.#window !== undefined;
    this.#window = new Window({ kind, overMs, side, quantile });
    this.#baseline =
      baselineMs === undefined
        ? undefined
        : new Window({ kind, overMs: baselineMs, side, quantile });
    if (hadWindow) {
      this.#window.clear();
      this.#baseline?.clear();
    }
    this.#meta = { ...this.#meta, kind };
    this.#isMetaUnsaved = true;
    return this.#window;
  }

  #instance(key: string): Instance {
    let instance = this.#instances.get(key);
    if (instance === undefined) {
      const labels = instanceLabels(this.rule, key);
      instance = { labels, pending: undefined, incident: undefined, heaviest: undefined };
      this.#instances.set(key, instance);
    }
    return instance;
  }

  /** The measured value itself, its share, or how many times the usual it is. */
  #relate(
    measured: Reading | undefined,
    divisor: Reading | undefined,
    usual: Reading | undefined,
  ): Reading | undefined {
    const { of, baselineMs, overMs = 0 } = this.rule;
    if (of !== undefined) {
      return toShare(measured, divisor);
    }
    if (baselineMs === undefined) {
      return measured;
    }
    const isCount = this.#meta.kind === "count";
    return compareWithBaseline(measured, usual, isCount ? overMs / baselineMs : undefined);
  }

  /** Undefined while not all of the time before the window was seen: nobody knows then what is usual. */
  #readBaseline({ to, wholeSince }: Instant): ReadonlyMap<string, Reading> | undefined {
    const { overMs = 0, baselineMs = 0 } = this.rule;
    const end = to - overMs;
    const isSeen = Math.max(this.#meta.since, wholeSince) <= end - baselineMs;
    return isSeen ? this.#baseline?.read(end) : undefined;
  }

  /** Zeros for what counts, and the rate for what is one. */
  #complete(kind: MeasuredKind, reading: Reading | undefined): Reading | undefined {
    if (!isZeroWhenAbsent(kind)) {
      return reading;
    }
    const { value, observations } = reading ?? { value: 0, observations: 0 };
    const isRate = this.rule.perSecond && this.rule.overMs !== undefined;
    const seconds = isRate ? (this.rule.overMs ?? 0) / 1000 : 1;
    return { value: value / seconds, observations, isFresh: true };
  }

  #judge(
    key: string,
    instance: Instance,
    reading: Reading | undefined,
    instant: Instant,
  ): Incident | undefined {
    const { to: at, backfill, watchedMs } = instant;
    const verdict = judge(this.rule, reading, this.#isWhole(instant));
    const value = reading?.value ?? Number.NaN;
    instance.heaviest = reading?.heaviest;
    const before = phaseOf(instance);
    const finding = { verdict, value, at, watchedMs, backfill };
    const after = afterFinding(before, finding, this.rule.forMs);
    if (after.isFiring && !before.isFiring) {
      return this.#open(key, instance, { at, value, backfill });
    }
    if (after.pending !== instance.pending) {
      this.#setPending(key, instance, after.pending);
    }
    const { incident } = instance;
    if (incident === undefined || verdict === "unknown") {
      return undefined;
    }
    const current = withValue(incident, value, this.rule.side);
    if (!after.isFiring) {
      instance.incident = undefined;
      return clearIncident(current, at, "recovered");
    }
    instance.incident = current;
    return current === incident ? undefined : current;
  }

  /** Only sums suffer from what was not seen; the other kinds, and shares, speak of what was. */
  #isWhole(instant: Instant): boolean {
    const { kind, since } = this.#meta;
    const { overMs } = this.rule;
    const windowFrom = overMs === undefined ? instant.from : instant.to - overMs;
    const isSum = kind !== undefined && isZeroWhenAbsent(kind) && this.rule.of === undefined;
    return !isSum || Math.max(since, instant.wholeSince) <= windowFrom;
  }

  #open(
    key: string,
    instance: Instance,
    found: { readonly at: number; readonly value: number; readonly backfill: boolean },
  ): Incident {
    const { rule, source } = this;
    const { at, value, backfill } = found;
    const { kind = "gauge", service } = this.#meta;
    const { labels, heaviest } = instance;
    const incident: Incident = {
      id: incidentId({ rule: rule.id, source, openedAt: at }, key),
      rule: rule.id,
      source,
      service,
      labels,
      metric: rule.metric,
      openedAt: at,
      value,
      worstValue: value,
      lastValue: value,
      condition: describeCondition(rule),
      summary: describeIncident({ rule, kind, source, service, labels, value, heaviest }),
      backfill,
    };
    this.#setPending(key, instance, undefined);
    instance.incident = incident;
    return incident;
  }

  #setPending(key: string, instance: Instance, pending: Pending | undefined): void {
    instance.pending = pending;
    this.#unsaved.add(key);
    if (pending === undefined) {
      this.#waiting.delete(key);
    } else {
      this.#waiting.add(key);
    }
  }

  /** An absent series is remembered only where its zero, its incident or its waiting condition still matters. */
  #isForgettable(kind: MeasuredKind, instance: Instance): boolean {
    const isZeroJudged = isZeroWhenAbsent(kind) && this.rule.side === "below";
    return !isZeroJudged && instance.pending === undefined && instance.incident === undefined;
  }
}

function phaseOf(instance: Instance): Phase {
  if (instance.incident !== undefined) {
    return firing;
  }
  return instance.pending === undefined ? idle : { pending: instance.pending, isFiring: false };
}
