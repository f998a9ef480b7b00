// What was seen in a stretch of time, by everything that is shown. Grows by observations and by other tallies; all that
// it holds merges without loss: counts add up, percentiles come from merged distributions.
import type { Observation } from "../../core/component.ts";
import type { Distinct } from "../../core/distinct.ts";
import type { Distribution } from "../../core/distribution.ts";
import type { Sample } from "../../core/sample.ts";
import type { Top } from "../../core/top.ts";

export interface GroupTally {
  /** Requests by status, `none` where the line has none. */
  readonly statuses: Map<string, number>;
  bytes: number;
  slow: number;
  /** In seconds; undefined while no line had one. */
  durations: Distribution | undefined;
}

export class Tally {
  readonly groups = new Map<string, GroupTally>();
  /** Lines by what became of them. */
  readonly lines = new Map<string, number>();
  /** Unparsed lines by the reason. */
  readonly reasons = new Map<string, number>();
  /** By metric: `http_targets` and so on. */
  readonly tops = new Map<string, Top>();
  clients: Distinct | undefined;

  add({ samples, tops = [] }: Pick<Observation, "samples" | "tops">): void {
    for (const sample of samples) {
      this.#addSample(sample);
    }
    for (const { name, labels, value } of tops) {
      // Those with labels are metrics of the user's own.
      if (labels["metric"] === undefined) {
        this.#addTop(name, value);
      }
    }
  }

  merge(other: Tally): void {
    for (const [name, group] of other.groups) {
      const own = this.#group(name);
      addAll(own.statuses, group.statuses);
      own.bytes += group.bytes;
      own.slow += group.slow;
      own.durations = withDistribution(own.durations, group.durations);
    }
    addAll(this.lines, other.lines);
    addAll(this.reasons, other.reasons);
    other.tops.forEach((top, name) => this.#addTop(name, top));
    if (other.clients !== undefined) {
      this.#addClients(other.clients);
    }
  }

  /** All groups together. */
  total(): GroupTally {
    const all = createGroupTally();
    for (const { statuses, bytes, slow, durations } of this.groups.values()) {
      addAll(all.statuses, statuses);
      all.bytes += bytes;
      all.slow += slow;
      all.durations = withDistribution(all.durations, durations);
    }
    return all;
  }

  #addSample(sample: Sample): void {
    const { labels } = sample;
    const group = labels["group"];
    switch (sample.name) {
      case "http_requests_total":
        if (group !== undefined && sample.kind === "count" && sample.value > 0) {
          addTo(this.#group(group).statuses, labels["status"] ?? "none", sample.value);
        }
        return;
      case "http_response_bytes_total":
        if (group !== undefined && sample.kind === "count" && sample.value > 0) {
          this.#group(group).bytes += sample.value;
        }
        return;
      case "http_slow_requests_total":
        if (group !== undefined && sample.kind === "count" && sample.value > 0) {
          this.#group(group).slow += sample.value;
        }
        return;
      case "http_request_duration_seconds":
        if (group !== undefined && sample.kind === "distribution") {
          const own = this.#group(group);
          own.durations = withDistribution(own.durations, sample.value);
        }
        return;
      case "http_clients":
        if (sample.kind === "distinct") {
          this.#addClients(sample.value);
        }
        return;
      case "log_lines_total":
        if (sample.kind === "count") {
          addTo(this.lines, labels["outcome"] ?? "", sample.value);
        }
        return;
      case "log_unparsed_lines_total":
        if (sample.kind === "count") {
          addTo(this.reasons, labels["reason"] ?? "", sample.value);
        }
    }
  }

  #group(name: string): GroupTally {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = createGroupTally();
      this.groups.set(name, group);
    }
    return group;
  }

  #addTop(name: string, top: Top): void {
    const own = this.tops.get(name);
    if (own === undefined) {
      this.tops.set(name, top.clone());
    } else {
      own.merge(top);
    }
  }

  #addClients(clients: Distinct): void {
    if (this.clients === undefined) {
      this.clients = clients.clone();
    } else {
      this.clients.merge(clients);
    }
  }
}

export function requestsOf({ statuses }: GroupTally): number {
  return statuses.values().reduce((sum, requests) => sum + requests, 0);
}

/** Requests with a status of the class that begins with this digit. */
export function classOf({ statuses }: GroupTally, digit: "2" | "3" | "4" | "5"): number {
  return statuses
    .entries()
    .reduce((sum, [status, requests]) => sum + (status.startsWith(digit) ? requests : 0), 0);
}

function createGroupTally(): GroupTally {
  return { statuses: new Map(), bytes: 0, slow: 0, durations: undefined };
}

function withDistribution(
  own: Distribution | undefined,
  other: Distribution | undefined,
): Distribution | undefined {
  if (own === undefined || other === undefined) {
    return own ?? other?.clone();
  }
  own.merge(other);
  return own;
}

function addAll(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [key, value] of from) {
    addTo(into, key, value);
  }
}

function addTo(into: Map<string, number>, key: string, value: number): void {
  into.set(key, (into.get(key) ?? 0) + value);
}
