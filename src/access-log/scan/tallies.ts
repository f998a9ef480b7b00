// What a scan counts into while it goes on: the mutable side of a ScanResult. Generated code reads
// and writes its fields by their names, once a line.

import { Distinct, Hash64, hashSeed } from "../../core/distinct.ts";
import type { Entry } from "../format/fields.ts";
import { otherId, skippedId, ungroupedId } from "./grouping.ts";
import { DurationTally, noBytes } from "./_duration-tally.ts";
import { isBot } from "./is-bot.ts";
import { KeyTable } from "./_key-table.ts";
import { type CompiledMetrics, MetricTallies } from "./metric-tallies.ts";
import { SeriesTally } from "./_series-tally.ts";
import {
  type FailingLine,
  type GroupResult,
  type LineCounts,
  noStatus,
  otherName,
  type ScanLimits,
  type ScanResult,
} from "./log-scanner.ts";
import { createLineCounts } from "./scan-result.ts";

/** Statuses 0 to 999, behind one place for none. */
const statusPlaces = 1001;

/** Of `agents.aux`. */
export const humanAgent = 0;
export const botAgent = 1;

/** The requests of one group. Statuses are at status + 1. */
export class GroupTally {
  readonly statuses = new Float64Array(statusPlaces);
  bytes = noBytes;
  slow = 0;
  readonly durations: DurationTally;
  readonly upstreamDurations: DurationTally;

  /** `valuesMax`: as many different durations are kept as they are. */
  constructor(valuesMax: number) {
    this.durations = new DurationTally(valuesMax);
    this.upstreamDurations = new DurationTally(valuesMax);
  }

  add(entry: Entry, slowSeconds: number): void {
    const place = (entry.status ?? noStatus) + 1;
    this.statuses[place] = (this.statuses[place] ?? 0) + 1;
    this.bytes += entry.bytes ?? 0;
    if (entry.duration !== undefined) {
      this.durations.add(entry.duration);
      this.slow += entry.duration >= slowSeconds ? 1 : 0;
    }
    if (entry.upstream_duration !== undefined) {
      this.upstreamDurations.add(entry.upstream_duration);
    }
  }

  toResult(): GroupResult {
    const statuses = new Map<number, number>();
    for (let place = 0; place < statusPlaces; place++) {
      const requests = this.statuses[place] ?? 0;
      if (requests > 0) {
        statuses.set(place - 1, requests);
      }
    }
    return {
      statuses,
      bytes: this.bytes + 0,
      durations: this.durations.toDistribution(),
      upstreamDurations: this.upstreamDurations.toDistribution(),
      slow: this.slow,
    };
  }
}

export interface TalliesParts {
  readonly limits: ScanLimits;
  readonly windowMs: number | undefined;
  readonly metrics: CompiledMetrics;
  /** The name of a group id. */
  readonly nameOf: (id: number) => string;
}

/** One total: of a whole scan, or of one window of a followed log. */
export class Tallies {
  readonly lines: LineCounts = createLineCounts();
  from = Infinity;
  to = -Infinity;
  /** By the ids of the scanner's Grouping, with holes. */
  readonly groups: (GroupTally | undefined)[] = [];
  readonly distinct = new Distinct();
  readonly targets: KeyTable;
  readonly clients: KeyTable;
  readonly users: KeyTable;
  readonly referrers: KeyTable;
  readonly agents: KeyTable;
  readonly hosts: KeyTable;
  readonly termination: KeyTable;
  readonly cache: KeyTable;
  readonly tlsVersions: KeyTable;
  retries = 0;
  readonly series: SeriesTally | undefined;
  readonly metrics: MetricTallies;
  readonly failures: FailingLine[] = [];
  readonly #parts: TalliesParts;

  constructor(parts: TalliesParts) {
    const { limits, windowMs } = parts;
    const hash = new Hash64(hashSeed);
    this.#parts = parts;
    this.targets = new KeyTable(limits.keysMax);
    this.clients = new KeyTable(limits.keysMax, {
      onNew: (bytes, start, end) => {
        hash.ofBytes(bytes, start, end);
        this.distinct.addHash(hash.high, hash.low);
      },
    });
    this.users = new KeyTable(limits.keysMax);
    this.referrers = new KeyTable(limits.keysMax);
    this.agents = new KeyTable(limits.keysMax, { toAux: toAgentKind });
    this.hosts = new KeyTable(limits.keysMax);
    this.termination = new KeyTable(limits.statesMax);
    this.cache = new KeyTable(limits.statesMax);
    this.tlsVersions = new KeyTable(limits.statesMax);
    this.series = windowMs === undefined ? undefined : new SeriesTally(windowMs, limits.windowsMax);
    this.metrics = new MetricTallies(parts.metrics, limits);
  }

  groupOf(id: number): GroupTally {
    while (this.groups.length <= id) {
      this.groups.push(undefined);
    }
    const known = this.groups[id];
    const group = known ?? new GroupTally(this.#parts.limits.durationValuesMax);
    this.groups[id] = group;
    return group;
  }

  addFailure(failure: FailingLine): void {
    this.lines.read++;
    this.lines.unparsed[failure.reason]++;
    this.failures.push(failure);
    if (this.failures.length > this.#parts.limits.failuresMax) {
      this.failures.shift();
    }
  }

  /** A copy. */
  toResult(): ScanResult {
    const { limits, nameOf } = this.#parts;
    const max = limits.topEntriesMax;
    return {
      lines: { ...this.lines, unparsed: { ...this.lines.unparsed } },
      from: Number.isFinite(this.from) ? this.from : Number.NaN,
      to: Number.isFinite(this.to) ? this.to : Number.NaN,
      groups: this.#groupResults(nameOf),
      tops: {
        targets: this.targets.toTop(max),
        clients: this.clients.toTop(max),
        users: this.users.toTop(max),
        referrers: this.referrers.toTop(max),
        agents: this.agents.toTop(max, humanAgent),
        bots: this.agents.toTop(max, botAgent),
        hosts: this.hosts.toTop(max),
      },
      clients: this.distinct.clone(),
      termination: this.termination.toCounts(otherName),
      cache: this.cache.toCounts(otherName),
      tlsVersions: this.tlsVersions.toCounts(otherName),
      retries: this.retries,
      patterns: this.metrics.patterns(),
      metrics: this.metrics.metrics(),
      series: this.series?.toSeries(),
      failures: [...this.failures],
    };
  }

  #groupResults(nameOf: (id: number) => string): Map<string, GroupResult> {
    const results = new Map<string, GroupResult>();
    const ids = [...this.groups.keys()];
    for (const id of [...ids.slice(skippedId + 1), ungroupedId, otherId]) {
      const group = this.groups[id];
      if (group !== undefined) {
        results.set(nameOf(id), group.toResult());
      }
    }
    return results;
  }
}

const decoder = new TextDecoder();

function toAgentKind(bytes: Uint8Array, start: number, end: number): number {
  return isBot(decoder.decode(bytes.subarray(start, end))) ? botAgent : humanAgent;
}
