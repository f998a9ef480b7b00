// One round of elfstatsd over files that are at rest. Its windows are positional: reading begins at the first line at or
// behind the start and ends at the first one at or behind the end, wherever older lines stand behind it. Lines without a
// time count where they stand.
import { openBytes } from "../report/open-bytes.ts";
import { createDecompressor, detectCompression, magicBytes } from "../report/decompress.ts";
import { LineFeeder } from "../report/line-feeder.ts";
import { Grouping } from "../scan/grouping.ts";
import { createLineEngine } from "../scan/line-engine.ts";
import { scanLimits, type ScanSpec } from "../scan/log-scanner.ts";
import { compileMetrics } from "../scan/metric-tallies.ts";
import { Tallies } from "../scan/tallies.ts";
import { WindowAggregate } from "../window/window-aggregate.ts";

export interface RoundScan {
  /** In order, as if they were one; plain, gzip or zstd. */
  readonly paths: readonly string[];
  readonly spec: ScanSpec;
  /** Milliseconds since the epoch; undefined: from the first line. */
  readonly since: number | undefined;
  /** Undefined: to the last line. */
  readonly until: number | undefined;
  readonly signal: AbortSignal;
}

/** Different durations of a group that are kept as they are, as many as can be; percentiles are exact up to there. */
const durationsMax = 100_000;
const groupsMax = 1_000;
/** What is outside is only counted: few keys are enough. */
const outsideKeysMax = 16;

export interface ScannedRound {
  readonly aggregate: WindowAggregate;
  /** Instants of the first and the last call, as they stand in the files; undefined without any. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

/** Rejects when a file cannot be read, and with the signal's reason. */
export async function scanRound(round: RoundScan): Promise<ScannedRound> {
  const { paths, spec, signal } = round;
  const limits = { ...scanLimits, groupsMax, durationValuesMax: durationsMax, ...spec.limits };
  const grouping = new Grouping(spec.groups, limits.groupsMax);
  const nameOf = (id: number): string => grouping.nameOf(id);
  const metrics = compileMetrics(spec.patterns, spec.metrics, spec.anonymise);
  const open = (keysMax: number): Tallies =>
    new Tallies({ limits: { ...limits, keysMax }, windowMs: undefined, metrics, nameOf });
  const sink = new PositionalSink(open(limits.keysMax), open(outsideKeysMax), round);
  for (const path of paths) {
    const engine = createLineEngine({ spec, limits, grouping, sink });
    const lines = {
      // What stands behind the end is passed over unread.
      scan: (bytes: Uint8Array, from: number, to: number) =>
        sink.isStopped ? to : engine.scan(bytes, from, to),
      scanRest: (bytes: Uint8Array, from: number, to: number) => {
        if (!sink.isStopped) {
          engine.scanRest(bytes, from, to);
        }
      },
      addTooLong: () => engine.addTooLong(),
    };
    await readFileInto(path, new LineFeeder(lines, limits.lineBytesMax), {
      signal,
      isDone: () => sink.isStopped,
    });
  }
  sink.noteCalls();
  const { firstAt, lastAt } = sink;
  return { aggregate: new WindowAggregate(sink.inside), firstAt, lastAt };
}

class PositionalSink {
  isStopped = false;
  firstAt: number | undefined;
  lastAt: number | undefined;
  readonly inside: Tallies;
  readonly #outside: Tallies;
  readonly #since: number;
  readonly #until: number;
  #hasBegun: boolean;
  /** Of the lines since the last call of `place`, all of which have one instant. */
  #timeMs = Number.NaN;
  #callsNoted = 0;

  constructor(
    inside: Tallies,
    outside: Tallies,
    { since, until }: Pick<RoundScan, "since" | "until">,
  ) {
    this.inside = inside;
    this.#outside = outside;
    this.#since = since ?? -Infinity;
    this.#until = until ?? Infinity;
    this.#hasBegun = since === undefined;
  }

  place(timeMs: number): Tallies {
    this.noteCalls();
    this.#timeMs = timeMs;
    this.#hasBegun ||= timeMs >= this.#since;
    this.isStopped ||= this.#hasBegun && timeMs >= this.#until;
    return this.placeUnread();
  }

  /** Whether a line is a call is known once it was counted. */
  noteCalls(): void {
    const { parsed } = this.inside.lines;
    if (parsed > this.#callsNoted && !Number.isNaN(this.#timeMs)) {
      this.firstAt ??= this.#timeMs;
      this.lastAt = this.#timeMs;
    }
    this.#callsNoted = parsed;
  }

  placeUnread(): Tallies {
    return this.#hasBegun && !this.isStopped ? this.inside : this.#outside;
  }
}

async function readFileInto(
  path: string,
  feeder: LineFeeder,
  { signal, isDone }: { readonly signal: AbortSignal; readonly isDone: () => boolean },
): Promise<void> {
  const source = openBytes(path);
  try {
    let decompressor: ReturnType<typeof createDecompressor> | undefined;
    for await (const chunk of source) {
      signal.throwIfAborted();
      if (decompressor === undefined) {
        const found = detectCompression(chunk.subarray(0, magicBytes));
        if (typeof found !== "string") {
          throw new Error(`${path} ${found.problem}`);
        }
        decompressor = createDecompressor(found, (bytes) => feeder.add(bytes));
      }
      await decompressor.write(chunk);
      if (isDone()) {
        return;
      }
    }
    await decompressor?.end();
    feeder.end();
  } finally {
    source.destroy();
  }
}
