// Batches whose content follows from source and sequence number, so that another process can tell what they must be.
import { createHash } from "node:crypto";
import type { Batch } from "../../../src/core/batch.ts";
import { count, gauge } from "../../../src/core/sample.ts";

export const killedSources = ["shop", "api", "lb"] as const;
export const killedReader = "audit";

export function batchOf(source: string, seq: number): Batch {
  const random = randomOf(`${source} ${seq}`);
  const length = random(60);
  const samples = Array.from({ length }, (_, index) =>
    index % 2 === 0
      ? count("requests_total", random(1_000_000), { group: `g${random(8)}`, status: "200" })
      : gauge("load", random(1000) / 7, { core: String(random(4)) }),
  );
  const text = "x".repeat(random(20) === 0 ? 40_000 : random(300));
  const events = [{ at: seq, name: "note", labels: {}, text }];
  const [from, to] = [seq * 1000, seq * 1000 + 1000];
  const marks = { more: false, partial: false, backfill: false };
  return { source, service: "shop", seq, from, to, samples, tops: [], events, ...marks };
}

/** The resume position that goes with a batch. */
export function positionOf(source: string, seq: number): Uint8Array {
  return new TextEncoder().encode(`${source} is at ${seq}`);
}

/** What the reader keeps beside its cursor: the last sequence number that it has seen of each source, and a count. */
export interface AuditState {
  readonly lastSeqs: Readonly<Record<string, number>>;
  readonly seen: number;
  /** What retention took away unread. */
  readonly missed: number;
}

export function toBytes(state: AuditState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state));
}

export function fromBytes(bytes: Uint8Array | undefined): AuditState {
  return bytes === undefined
    ? { lastSeqs: {}, seen: 0, missed: 0 }
    : JSON.parse(new TextDecoder().decode(bytes));
}

/** Numbers below `limit` that are the same in every process. */
function randomOf(text: string): (limit: number) => number {
  let digest = createHash("sha256").update(text).digest();
  let at = 0;
  return (limit) => {
    if (at + 4 > digest.length) {
      digest = createHash("sha256").update(digest).digest();
      at = 0;
    }
    at += 4;
    return digest.readUInt32LE(at - 4) % limit;
  };
}
