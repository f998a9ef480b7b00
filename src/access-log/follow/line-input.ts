// The port between what brings lines (files, pipes, a syslog listener) and what counts them.
import type { Event, Sample } from "../../core/sample.ts";
import type { LineState } from "../line-counter.ts";
import type { Lines } from "./line-buffer.ts";

/**
 * One way in for lines. `followLog` opens it with what `position` held when it was last committed,
 * then looks, counts the lines of the stream that the look names, and looks again, for as long as
 * the source runs. One caller, one call at a time.
 */
export interface LineInput extends AsyncDisposable {
  /** Finds out what has come. Never throws: what goes wrong becomes `problem`. */
  look(nowMs: number): Promise<Look>;
  /**
   * Where the lines that are not consumed begin, as plain data for structuredClone. Undefined when
   * this way in cannot be resumed.
   */
  readonly position: unknown;
  /** What keeps lines from being read, in one sentence for people; undefined when nothing does. */
  readonly problem: string | undefined;
  /** Nothing at all can be read now: not even that there were no requests is known. */
  readonly isBlind: boolean;
  /** Older lines are being read, which were there before the source: nobody is to be woken. */
  readonly isBackfilling?: boolean;
  /** What happened since the last call. */
  takeEvents(): Event[];
  /** Metrics of the way in itself, for one observation: values now, and counts since the last call. */
  takeSamples(nowMs: number): Sample[];
  /**
   * Resolves when looking again may be worth it before the pause is over; perhaps never. Each call
   * makes the promise of the call before void.
   */
  changed(): Promise<void>;
}

/** What one look brought. */
export interface Look {
  /** Has whole lines to be counted now, all of them or as many as the windows take. */
  readonly stream: LineStream | undefined;
  /**
   * The newest line's time, in milliseconds, of that stream which is furthest behind among the
   * others that still have unread lines: windows up to it may be closed, later ones not. Infinity
   * when no other stream has unread lines, -Infinity when nothing is known of one.
   */
  readonly othersMs: number;
  /** Everything that had come is in `stream` or counted: once that is done, the clock is right. */
  readonly isAtEnd: boolean;
  /** Something could not be read: the window of now is partial. */
  readonly isPartial: boolean;
  /** For how long there is nothing to look at; 0 to look again at once. */
  readonly pauseMs: number;
}

/** Lines in their order, from one writer. Its state belongs to it alone. */
export interface LineStream {
  /** The same for as long as the stream lives, another one for each. */
  readonly key: string;
  /** Lines of earlier times do not count. */
  readonly sinceMs?: number | undefined;
  /** What its lines have said so far; written by whoever counts them. */
  state: LineState | undefined;
  /** Whole lines that have been read; undefined when there are none. */
  lines(): Lines | undefined;
  /** The lines up to index `to` of the bytes last handed out are counted. */
  consume(to: number): void;
}
