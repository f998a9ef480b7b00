// What an output's line says: how far it is behind, how fast it goes, and what it could not deliver.
import type { ReaderStatus } from "./api.ts";
import { formatAge, formatCount } from "./format.ts";
import type { Status } from "./status.ts";

/** Behind by more, something is slow. */
const lagMsMax = 60_000;

export function toOutputStatus({ lastError, lagMs, lastSuccessAt }: ReaderStatus): Status {
  if (lastError !== null) {
    return { tone: "bad", word: "failing" };
  }
  if (lagMs > lagMsMax) {
    return { tone: "warn", word: "behind" };
  }
  return lastSuccessAt === null ? { tone: "quiet", word: "waiting" } : { tone: "good", word: "ok" };
}

/** "caught up", "12 batches, the oldest 40 s old" */
export function formatLag({ lagBatches, lagMs }: ReaderStatus): string {
  if (lagBatches === 0) {
    return "caught up";
  }
  const batches = lagBatches === 1 ? "1 batch" : `${formatCount(lagBatches)} batches`;
  return lagMs < 1000 ? batches : `${batches}, the oldest ${formatAge(lagMs)} old`;
}

/** What will never arrive; undefined when nothing is lost. */
export function formatLoss(status: ReaderStatus): string | undefined {
  const parts = [
    [status.missedBatches, "batches were deleted before they were sent"],
    [status.droppedBatches, "batches were refused for good"],
    [status.refusedSamples, "samples were refused for good"],
  ] as const;
  const lost = parts.filter(([count]) => count > 0);
  return lost.length === 0
    ? undefined
    : lost.map(([count, what]) => `${formatCount(count)} ${what}`).join("; ");
}

/** Two looks at the same reader. */
export interface Looked {
  readonly at: number;
  readonly readers: readonly ReaderStatus[];
}

/** The last look, and the one before it. */
export interface Looks {
  readonly now: Looked;
  readonly before: Looked | undefined;
}

export function countFailing({ readers }: Looked): number {
  return readers.filter(({ output, lastError }) => output !== null && lastError !== null).length;
}

/** Batches a second between two looks; null before the second, and after a restart of the node. */
export function toBatchRate(
  before: Looked | undefined,
  now: Looked,
  { name, doneBatches }: ReaderStatus,
): number | null {
  const earlier = before?.readers.find((one) => one.name === name);
  if (before === undefined || earlier === undefined || doneBatches < earlier.doneBatches) {
    return null;
  }
  const seconds = (now.at - before.at) / 1000;
  return seconds > 0 ? (doneBatches - earlier.doneBatches) / seconds : null;
}
