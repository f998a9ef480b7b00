// The life of one followed log: look at the file, count its new lines, yield each window that is
// due.
import { z } from "zod";
import type { Observation, SourceContext } from "../core/component.ts";
import type { Event } from "../core/sample.ts";
import { FileFollower, type FollowFrom, type Look } from "./follow/file-follower.ts";
import { filePositionSchema } from "./follow/file-position.ts";
import type { LineParser } from "./format/log-entry.ts";
import { Grouping, type GroupRule } from "./grouping.ts";
import { createLineCounter, type LineCounter } from "./line-counter.ts";
import { OpenWindows, windowsPositionSchema } from "./window/open-windows.ts";
import { toObservation } from "./window/to-observation.ts";

export interface LogOptions {
  readonly path: string;
  /** Where the very first life of the source starts in a file that is there. */
  readonly from: "start" | "end";
  readonly parser: LineParser;
  readonly groups: readonly GroupRule[];
  /** Requests that take as long or longer are slow; undefined when none is. */
  readonly slowMs: number | undefined;
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

/** A list, because a source will follow several files; now it has one entry. */
const positionSchema = z.strictObject({
  version: z.literal(1),
  files: z.array(z.union([z.enum(["start", "end"]), filePositionSchema])),
  /** The group names in use, and the rules that gave them. */
  groups: z.strictObject({ rules: z.string(), names: z.array(z.string()) }),
  windows: windowsPositionSchema,
});

type Position = z.output<typeof positionSchema>;

class FollowedLog implements AsyncDisposable {
  readonly #options: LogOptions;
  readonly #context: SourceContext;
  readonly #follower: FileFollower;
  readonly #grouping: Grouping;
  readonly #windows: OpenWindows;
  readonly #counter: LineCounter;
  #events: Event[] = [];

  constructor(options: LogOptions, context: SourceContext) {
    const { path, parser, groups, slowMs } = options;
    const saved = positionSchema.optional().parse(context.position);
    const names = saved?.groups.rules === ruleText(groups) ? saved.groups.names : [];
    const slowSeconds = slowMs === undefined ? Infinity : slowMs / 1000;
    const from = firstPlace(options, saved);
    this.#options = options;
    this.#context = context;
    this.#follower = new FileFollower({
      path,
      files: context.files,
      from,
      now: () => context.now(),
    });
    this.#windows = new OpenWindows(context.everyMs, saved?.windows);
    this.#grouping = new Grouping(groups, names);
    const [grouping, windows] = [this.#grouping, this.#windows];
    this.#counter = createLineCounter({ parser, grouping, windows, slowSeconds });
    if (saved === undefined && from === "end") {
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
    return true;
  }

  passTime(nowMs: number): void {
    this.#windows.passTime(nowMs);
  }

  *closeDue(nowMs: number): Generator<Observation> {
    while (this.#windows.isDue) {
      const observation = toObservation(this.#windows.close(), this.#options.slowMs !== undefined);
      const events = this.#events;
      this.#events = [];
      yield {
        ...observation,
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
    const names = [...this.#grouping.names];
    return {
      version: 1,
      files: [this.#follower.position],
      groups: { rules: ruleText(this.#options.groups), names },
      windows: this.#windows.position,
    };
  }
}

/** Another path in the configuration is another log, of which no life was before. */
function firstPlace({ path, from }: LogOptions, saved: Position | undefined): FollowFrom {
  const place = saved?.files[0] ?? from;
  return typeof place === "object" && place.path !== path ? from : place;
}

function ruleText(groups: readonly GroupRule[]): string {
  return JSON.stringify(groups.map(({ pattern, group }) => [pattern.source, group]));
}
