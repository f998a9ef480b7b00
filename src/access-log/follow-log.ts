// The life of one followed log: look for lines, count them, yield each window that is due.
import type { Observation, SourceContext } from "../core/component.ts";
import { lineBytesMax } from "./follow/line-buffer.ts";
import type { LineInput, LineStream, Look } from "./follow/line-input.ts";
import { createLineCounter, type LineCounter } from "./line-counter.ts";
import { type LogPosition, parseLogPosition } from "./log-position.ts";
import { Grouping } from "./scan/grouping.ts";
import { type GroupSpec, type ScanLimits, scanLimits, type ScanSpec } from "./scan/log-scanner.ts";
import { compileMetrics } from "./scan/metric-tallies.ts";
import { Tallies } from "./scan/tallies.ts";
import { KnownRows } from "./window/known-rows.ts";
import { KnownSeries } from "./window/known-series.ts";
import { latenessMsDefault, OpenWindows } from "./window/open-windows.ts";
import { toObservation } from "./window/to-observation.ts";
import { WindowAggregate } from "./window/window-aggregate.ts";

export interface LogOptions {
  /**
   * Opens the way in for lines, with what its `position` held when it was last committed; undefined
   * at a first start.
   */
  readonly open: (saved: unknown) => LineInput;
  /** `windowMs` is not used: the windows are those of the source. */
  readonly spec: ScanSpec;
  /** A window closes this long after its end. */
  readonly latenessMs?: number | undefined;
  /** Longer lines are counted, not looked at; 64 KiB when left out. */
  readonly lineMaxBytes?: number | undefined;
}

/** Windows that ended longer ago are history, for which nobody is to be woken. */
const liveMsMax = 5 * 60_000;

/**
 * Yields an observation per window, also for silent ones, until the context's signal is aborted.
 * Every observation's position holds the place behind the last line counted and all that the
 * still-open windows hold, so that another life counts each line exactly once.
 */
export async function* followLog(
  options: LogOptions,
  context: SourceContext,
): AsyncGenerator<Observation> {
  await using log = new FollowedLog(options, context);
  for (;;) {
    context.signal.throwIfAborted();
    const nowMs = context.now();
    const look = await log.look(nowMs);
    // Windows of an earlier life may be due; lines are counted only behind them.
    yield* log.closeDue(nowMs);
    while (log.countLines(look, nowMs)) {
      yield* log.closeDue(nowMs);
    }
    if (look.isAtEnd) {
      log.passTime(nowMs);
      yield* log.closeDue(nowMs);
    }
    if (look.pauseMs > 0) {
      await log.pause(look.pauseMs);
    }
  }
}

/** Keys that a top of one window tells apart: several windows are open at once. */
const windowKeysMax = 8192;
/** Streams whose counters are kept; that of another one is made anew from the stream's state. */
const countersMax = 64;

interface StreamCounter {
  readonly counter: LineCounter;
  readonly sinceMs: number | undefined;
}

class FollowedLog implements AsyncDisposable {
  readonly #options: LogOptions;
  readonly #context: SourceContext;
  readonly #input: LineInput;
  readonly #limits: ScanLimits;
  readonly #grouping: Grouping;
  readonly #windows: OpenWindows;
  /** Where lines go that are older than what was asked for. */
  readonly #past: WindowAggregate;
  readonly #known: KnownSeries;
  readonly #knownRows: KnownRows;
  /** By the keys of their streams, those used last at the end. */
  readonly #counters = new Map<string, StreamCounter>();

  constructor(options: LogOptions, context: SourceContext) {
    const { spec, lineMaxBytes = lineBytesMax } = options;
    const saved = parseLogPosition(context.position);
    const isRefused = saved === undefined && context.position !== undefined;
    if (isRefused) {
      context.report(
        "the place where it stopped was stored in a form that this version cannot read; " +
          "it begins anew, as at its first start",
      );
    }
    const limits = {
      ...scanLimits,
      keysMax: windowKeysMax,
      lineBytesMax: lineMaxBytes,
      ...spec.limits,
    };
    const names = saved?.groups.rules === ruleText(spec.groups) ? saved.groups.names : [];
    const grouping = new Grouping(spec.groups, limits.groupsMax, names);
    const metrics = compileMetrics(spec.patterns, spec.metrics, spec.anonymise);
    const hasSameMetrics = saved?.metrics?.specs === metricText(spec);
    const nameOf = (id: number): string => grouping.nameOf(id);
    const createTallies = (): Tallies =>
      new Tallies({ limits, windowMs: undefined, metrics, nameOf });
    this.#options = options;
    this.#context = context;
    this.#input = options.open(saved?.input);
    this.#limits = limits;
    this.#grouping = grouping;
    this.#windows = new OpenWindows(
      { everyMs: context.everyMs, latenessMs: options.latenessMs ?? latenessMsDefault },
      createTallies,
      saved?.windows,
      hasSameMetrics,
    );
    this.#past = new WindowAggregate(createTallies());
    this.#known = new KnownSeries(saved?.known);
    this.#knownRows = new KnownRows(hasSameMetrics ? saved?.metrics?.known : []);
    if (isRefused || saved?.isPartial === true) {
      this.#windows.markPartial(context.now());
    }
  }

  async look(nowMs: number): Promise<Look> {
    const look = await this.#input.look(nowMs);
    this.#context.report(this.#input.problem);
    if (look.isPartial) {
      this.#windows.markPartial(nowMs);
    }
    return look;
  }

  /**
   * Counts lines until a window is due, or until another stream has to come up first; false when
   * there is nothing more to be done before the next look.
   */
  countLines({ stream, othersMs }: Look, nowMs: number): boolean {
    const lines = stream?.lines();
    if (stream === undefined || lines === undefined) {
      return false;
    }
    const { counter } = this.#counterOf(stream);
    const to = counter.count(lines, nowMs);
    const hasCounted = to > lines.from || lines.to === lines.from;
    if (hasCounted) {
      stream.consume(to);
      stream.state = counter.state;
    }
    this.#windows.advance(Math.min(counter.newestMs ?? 0, othersMs));
    return hasCounted || this.#windows.isDue;
  }

  passTime(nowMs: number): void {
    this.#windows.passTime(nowMs);
  }

  /** Until the next look, or until a window is due. */
  async pause(pauseMs: number): Promise<void> {
    const dueMs = this.#windows.dueAt - this.#context.now();
    const sleep = this.#context.sleep(Math.max(1, Math.min(pauseMs, dueMs)));
    await Promise.race([sleep, this.#input.changed()]);
  }

  *closeDue(nowMs: number): Generator<Observation> {
    while (this.#windows.isDue) {
      const observation = toObservation(this.#windows.close(), {
        hasSlow: this.#options.spec.slowSeconds !== undefined,
        known: this.#known,
        metrics: this.#options.spec.metrics ?? [],
        knownRows: this.#knownRows,
      });
      // Of a log that cannot be read nothing is known, not even that nothing was in it.
      const isKnown = !this.#input.isBlind || hasLines(observation);
      const isBackfill = observation.to < nowMs - liveMsMax || this.#input.isBackfilling === true;
      yield {
        ...observation,
        samples: [...(isKnown ? observation.samples : []), ...this.#input.takeSamples(nowMs)],
        ...(!isKnown && { tops: [] }),
        events: this.#input.takeEvents(),
        position: this.#position(),
        ...(isBackfill && { backfill: true }),
      };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input[Symbol.asyncDispose]();
  }

  #counterOf(stream: LineStream): StreamCounter {
    const { key, sinceMs, state } = stream;
    const known = this.#counters.get(key);
    this.#counters.delete(key);
    const found =
      known !== undefined && known.sinceMs === sinceMs
        ? known
        : { counter: this.#createCounter(sinceMs, known?.counter.state ?? state), sinceMs };
    this.#counters.set(key, found);
    for (const unused of this.#counters.keys()) {
      if (this.#counters.size <= countersMax) {
        break;
      }
      this.#counters.delete(unused);
    }
    return found;
  }

  #createCounter(sinceMs: number | undefined, state: LineStream["state"]): LineCounter {
    const past = sinceMs === undefined ? undefined : { sinceMs, window: this.#past };
    return createLineCounter({
      spec: this.#options.spec,
      limits: this.#limits,
      grouping: this.#grouping,
      windows: this.#windows,
      state,
      past,
    });
  }

  #position(): LogPosition {
    const { spec } = this.#options;
    return {
      version: 3,
      input: this.#input.position,
      groups: { rules: ruleText(spec.groups), names: [...this.#grouping.names] },
      windows: this.#windows.position,
      known: this.#known.position,
      ...((spec.metrics ?? []).length > 0 && {
        metrics: { specs: metricText(spec), known: this.#knownRows.position },
      }),
    };
  }
}

function hasLines({ samples }: Observation): boolean {
  return samples.some(({ name, value }) => name === "log_lines_total" && value !== 0);
}

function ruleText(groups: GroupSpec): string {
  return JSON.stringify(groups);
}

function metricText({ metrics = [] }: ScanSpec): string {
  return JSON.stringify(metrics);
}
