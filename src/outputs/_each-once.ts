import type { Batch } from "../core/batch.ts";

export type DeliverEach = (
  batches: readonly Batch[],
  deliver: (batch: Batch) => Promise<void>,
) => Promise<void>;

/**
 * For outputs that deliver batches one by one: when one of them fails, those before it are known, and are passed over
 * when they are offered again together with it.
 */
export function createEachOnce(): DeliverEach {
  /** Of attempts that failed further on: no more than were offered at once. */
  const delivered = new Set<string>();
  return async (batches, deliver) => {
    for (const batch of batches) {
      const key = toKey(batch);
      if (!delivered.has(key)) {
        await deliver(batch);
        delivered.add(key);
      }
    }
    batches.forEach((batch) => delivered.delete(toKey(batch)));
  };
}

function toKey({ source, seq }: Batch): string {
  return `${source}/${seq}`;
}
