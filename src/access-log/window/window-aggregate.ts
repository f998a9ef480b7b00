// Everything that is known about one window of a log: mergeable, and as bytes part of a source's
// resume position.
import { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { Top } from "../../core/top.ts";
import type { LogEntry } from "../format/log-entry.ts";

/** Stands in `targets` for requests whose request line has none. */
export const malformedTarget = "(malformed)";

const topEntriesMax = 500;

/** What became of a line: together they are all lines. */
export const lineOutcomes = ["parsed", "unparsed", "too_long"] as const;
export type LineOutcome = (typeof lineOutcomes)[number];

/** Counts of the window that are not about requests. */
interface Tally {
  parsed: number;
  unparsed: number;
  too_long: number;
  /** Lines whose own window was closed already. */
  late: number;
  /** Lines from a time to come. */
  early: number;
}

/** The requests of one group. */
export interface GroupAggregate {
  readonly requestsByStatus: Map<number, number>;
  readonly durations: Distribution;
  sizeBytes: number;
  slow: number;
}

/** One window. Adding is the hot path; everything else happens once a window. */
export class WindowAggregate {
  readonly tally: Tally = { parsed: 0, unparsed: 0, too_long: 0, late: 0, early: 0 };
  readonly groups = new Map<string, GroupAggregate>();
  #clients = new Distinct();
  #targets = new Top(topEntriesMax);
  #topClients = new Top(topEntriesMax);
  /** Something that belongs into this window is known to be missing. */
  isPartial = false;

  get clients(): Distinct {
    return this.#clients;
  }
  get targets(): Top {
    return this.#targets;
  }
  get topClients(): Top {
    return this.#topClients;
  }

  /** A parsed line. `slowSeconds` is Infinity when nothing is slow. */
  addRequest(entry: LogEntry, groupName: string, slowSeconds: number): void {
    const group = this.#group(groupName);
    const { status, durationSeconds, client } = entry;
    group.requestsByStatus.set(status, (group.requestsByStatus.get(status) ?? 0) + 1);
    group.sizeBytes += entry.sizeBytes;
    if (!Number.isNaN(durationSeconds)) {
      group.durations.add(durationSeconds);
      group.slow += durationSeconds >= slowSeconds ? 1 : 0;
    }
    this.#clients.add(client);
    this.#topClients.add(client);
    this.#targets.add(entry.target ?? malformedTarget);
    this.tally.parsed++;
  }

  merge(other: WindowAggregate): void {
    for (const key of tallyKeys) {
      this.tally[key] += other.tally[key];
    }
    for (const [name, from] of other.groups) {
      const group = this.#group(name);
      for (const [status, requests] of from.requestsByStatus) {
        group.requestsByStatus.set(status, (group.requestsByStatus.get(status) ?? 0) + requests);
      }
      group.durations.merge(from.durations);
      group.sizeBytes += from.sizeBytes;
      group.slow += from.slow;
    }
    this.#clients.merge(other.#clients);
    this.#targets.merge(other.#targets);
    this.#topClients.merge(other.#topClients);
    this.isPartial ||= other.isPartial;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(1024);
    out.byte(this.isPartial ? 1 : 0);
    for (const key of tallyKeys) {
      out.varint(this.tally[key]);
    }
    out.varint(this.groups.size);
    for (const [name, group] of this.groups) {
      out.text(name);
      writeGroup(out, group);
    }
    out.bytes(this.#clients.toBytes());
    out.bytes(this.#targets.toBytes());
    out.bytes(this.#topClients.toBytes());
    return out.finish();
  }

  /** Throws Corrupt for anything that toBytes did not write. */
  static fromBytes(bytes: Uint8Array): WindowAggregate {
    const input = new ByteReader(bytes);
    const window = new WindowAggregate();
    window.isPartial = input.byte() === 1;
    for (const key of tallyKeys) {
      window.tally[key] = input.varint();
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      window.groups.set(input.text(), readGroup(input));
    }
    window.#clients = Distinct.fromBytes(input.bytes());
    window.#targets = Top.fromBytes(input.bytes());
    window.#topClients = Top.fromBytes(input.bytes());
    return window;
  }

  #group(name: string): GroupAggregate {
    let group = this.groups.get(name);
    if (group === undefined) {
      const durations = new Distribution();
      group = { requestsByStatus: new Map(), durations, sizeBytes: 0, slow: 0 };
      this.groups.set(name, group);
    }
    return group;
  }
}

const tallyKeys = ["parsed", "unparsed", "too_long", "late", "early"] as const;

function writeGroup(out: ByteWriter, group: GroupAggregate): void {
  out.varint(group.sizeBytes);
  out.varint(group.slow);
  out.varint(group.requestsByStatus.size);
  for (const [status, requests] of group.requestsByStatus) {
    out.varint(status);
    out.varint(requests);
  }
  out.bytes(group.durations.toBytes());
}

function readGroup(input: ByteReader): GroupAggregate {
  const sizeBytes = input.varint();
  const slow = input.varint();
  const requestsByStatus = new Map<number, number>();
  for (let rest = input.varint(); rest > 0; rest--) {
    requestsByStatus.set(input.varint(), input.varint());
  }
  return { requestsByStatus, durations: Distribution.fromBytes(input.bytes()), sizeBytes, slow };
}
