// The life of one followed log: look at the file, count its new lines, yield each window that is
// due.
import { z } from "zod";
import type { Observation, SourceContext } from "../core/component.ts";
import type { Event } from "../core/sample.ts";
import { FileFollower, type FollowFrom, type Look } from "./follow/file-follower.ts";
import { filePositionSchema } from "./follow/file-position.ts";
import { lineBytesMax } from "./follow/line-buffer.ts";
import { createLineCounter, type LineCounter, lineStateSchema } from "./line-counter.ts";
import { Grouping } from "./scan/grouping.ts";
import { type GroupSpec, scanLimits, type ScanSpec } from "./scan/log-scanner.ts";
import { compileMetrics } from "./scan/metric-tallies.ts";
import { Tallies } from "./scan/tallies.ts";
import { KnownRows, knownRowsSchema } from "./window/known-rows.ts";
import { KnownSeries, knownSeriesSchema } from "./window/known-series.ts";
import { latenessMsDefault, OpenWindows, windowsPositionSchema } from "./window/open-windows.ts";
import { toObservation } from "./window/to-observation.ts";

export interface LogOptions {
  readonly path: string;
  /** Where the very first life of the source starts in a file that is there. */
  readonly from: "start" | "end";
  /** `windowMs` is not used: the windows are those of the source. */
  readonly spec: ScanSpec;
  /** A window closes this long after its end. */
  readonly latenessMs?: number;
}

const lookIntervalMs = 250;

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
    while (log.countLines(nowMs)) {
      yield* log.closeDue(nowMs);
    }
    if (look === "end" || look === "blocked") {
      log.passTime(nowMs);
      yield* log.closeDue(nowMs);
    }
    if (look !== "read") {
      await context.sleep(lookIntervalMs);
    }
  }
}

/** Keys that a top of one window tells apart: several windows are open at once. */
const windowKeysMax = 8192;

/** A file that nothing was read of yet, and where reading it begins. */
const unreadSchema = z.strictObject({ path: z.string(), from: z.enum(["start", "end"]) });

/** Paths of earlier configurations whose places are kept: a slip of the pen is mended without loss. */
const formerFilesMax = 8;

const positionSchema = z.strictObject({
  version: z.literal(2),
  /** The followed file first, then those that the source followed under other paths. */
  files: z.array(z.union([z.enum(["start", "end"]), unreadSchema, filePositionSchema])),
  /** What earlier versions kept of `state`. */
  header: lineStateSchema.shape.header,
  /** Of the lines in front of the place in the file. */
  state: lineStateSchema.optional(),
  /** The group names in use, and the rules that gave them. */
  groups: z.strictObject({ rules: z.string(), names: z.array(z.string()) }),
  windows: windowsPositionSchema,
  known: knownSeriesSchema,
  /** Metrics of the user's own: how they were defined, and the rows that they have had. */
  metrics: z.strictObject({ specs: z.string(), known: knownRowsSchema }).optional(),
});

type Position = z.output<typeof positionSchema>;

class FollowedLog implements AsyncDisposable {
  readonly #options: LogOptions;
  readonly #context: SourceContext;
  readonly #follower: FileFollower;
  readonly #grouping: Grouping;
  readonly #windows: OpenWindows;
  readonly #known: KnownSeries;
  readonly #knownRows: KnownRows;
  readonly #counter: LineCounter;
  readonly #formerFiles: Position["files"];
  #events: Event[] = [];

  constructor(options: LogOptions, context: SourceContext) {
    const { path, spec } = options;
    const saved = toPosition(context.position);
    const isRefused = saved === undefined && context.position !== undefined;
    if (isRefused) {
      context.report(
        "the place where it stopped was stored in a form that this version cannot read; " +
          `it begins anew at the ${options.from} of the file`,
      );
    }
    const from = firstPlace(options, saved);
    this.#formerFiles = (saved?.files ?? [])
      .filter((file) => typeof file === "object" && file.path !== path)
      .slice(0, formerFilesMax);
    const limits = { ...scanLimits, keysMax: windowKeysMax, lineBytesMax, ...spec.limits };
    const names = saved?.groups.rules === ruleText(spec.groups) ? saved.groups.names : [];
    const grouping = new Grouping(spec.groups, limits.groupsMax, names);
    const metrics = compileMetrics(spec.patterns, spec.metrics, spec.anonymise);
    const hasSameMetrics = saved?.metrics?.specs === metricText(spec);
    const nameOf = (id: number): string => grouping.nameOf(id);
    const windows = new OpenWindows(
      { everyMs: context.everyMs, latenessMs: options.latenessMs ?? latenessMsDefault },
      () => new Tallies({ limits, windowMs: undefined, metrics, nameOf }),
      saved?.windows,
      hasSameMetrics,
    );
    this.#options = options;
    this.#context = context;
    this.#follower = new FileFollower({
      path,
      files: context.files,
      from,
      now: () => context.now(),
    });
    this.#windows = windows;
    this.#grouping = grouping;
    this.#known = new KnownSeries(saved?.known);
    this.#knownRows = new KnownRows(hasSameMetrics ? saved?.metrics?.known : []);
    const state = saved?.state ?? (saved?.header && { header: saved.header });
    this.#counter = createLineCounter({ spec, limits, grouping, windows, state });
    if (isRefused || (saved === undefined && from === "end") || saved?.windows.everyMs === 0) {
      this.#windows.markPartial(context.now());
    }
  }

  async look(nowMs: number): Promise<Look> {
    const look = await this.#follower.look();
    const events = this.#follower.takeEvents();
    this.#events.push(...events);
    this.#context.report(this.#follower.problem);
    if (look === "blocked" || events.some(({ name }) => name === "file_replaced")) {
      this.#windows.markPartial(nowMs);
    }
    return look;
  }

  /** Counts lines until a window is due or no whole line is left; false when there was none. */
  countLines(nowMs: number): boolean {
    const lines = this.#follower.lines.lines();
    if (lines === undefined) {
      return false;
    }
    this.#follower.lines.consume(this.#counter.count(lines, nowMs));
    this.#windows.advance(this.#counter.newestMs ?? 0);
    return true;
  }

  passTime(nowMs: number): void {
    this.#windows.passTime(nowMs);
  }

  *closeDue(nowMs: number): Generator<Observation> {
    while (this.#windows.isDue) {
      const observation = toObservation(this.#windows.close(), {
        hasSlow: this.#options.spec.slowSeconds !== undefined,
        known: this.#known,
        metrics: this.#options.spec.metrics ?? [],
        knownRows: this.#knownRows,
      });
      const events = this.#events;
      this.#events = [];
      // Of a log that cannot be read nothing is known, not even that nothing was in it.
      const isKnown = this.#follower.problem === undefined || hasLines(observation);
      yield {
        ...observation,
        ...(!isKnown && { samples: [], tops: [] }),
        events,
        position: this.#position(),
        ...(observation.to < nowMs - liveMsMax && { backfill: true }),
      };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower[Symbol.asyncDispose]();
  }

  #position(): Position {
    const { path, spec } = this.#options;
    const place = this.#follower.position;
    return {
      version: 2,
      files: [typeof place === "object" ? place : { path, from: place }, ...this.#formerFiles],
      state: this.#counter.state,
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

/**
 * What version 1 held of open windows cannot be read any more: a log of that time goes on at its
 * place, and the first window is partial.
 */
const firstVersionSchema = z.object({ version: z.literal(1), files: positionSchema.shape.files });

/** Undefined also for what this version cannot read: it must not stop the source for good. */
function toPosition(position: unknown): Position | undefined {
  const old = firstVersionSchema.safeParse(position);
  return old.success
    ? {
        version: 2,
        files: old.data.files,
        groups: { rules: "", names: [] },
        windows: { everyMs: 0, watermark: 0, windows: [] },
        known: [],
      }
    : positionSchema.safeParse(position).data;
}

/** Another path in the configuration is another log: one that was followed before goes on where it was left. */
function firstPlace({ path, from }: LogOptions, saved: Position | undefined): FollowFrom {
  const known = saved?.files.find((file) => typeof file === "object" && file.path === path);
  if (known === undefined || typeof known !== "object") {
    return from;
  }
  return "from" in known ? known.from : known;
}

function ruleText(groups: GroupSpec): string {
  return JSON.stringify(groups);
}

function metricText({ metrics = [] }: ScanSpec): string {
  return JSON.stringify(metrics);
}
