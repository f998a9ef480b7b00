import { ByteReader, ByteWriter } from "../core/bytes.ts";
import {
  addSample,
  averageGauges,
  type Averaged,
  type Contribution,
  type Measured,
  type MeasuredKind,
  readContribution,
  sumCounts,
  toContribution,
  writeContribution,
} from "./contribution.ts";
import { Sketch, type PlacedPart } from "./sketch.ts";
import type { Reading } from "./verdict.ts";

/**
 * A window holds at most about this many slots: one per batch while `over` is short (an hour of one-second batches of
 * counts), else batches share slots and the window's older end is exact to one part in so many.
 */
const numberSlotsMax = 3600;
const sketchSlotsMax = 360;

/** Lengths that the usual intervals divide, or are divided by, so that shared slots end where batches end. */
const slotLengthsS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

/** A rule's window, and the time before it that it is compared with. */
export type WindowName = "window" | "baseline";

export interface WindowShape {
  readonly kind: MeasuredKind;
  /** Undefined: each batch is judged alone. */
  readonly overMs: number | undefined;
  readonly side: "above" | "below";
  /** For distributions. */
  readonly quantile: number | undefined;
}

/** What has to be stored so that the window can be restored: first delete, then put. */
export interface WindowChanges {
  readonly deleteUpTo: number | undefined;
  readonly put: readonly { readonly at: number; readonly body: Uint8Array }[];
}

interface Slot {
  /** The end of the batches in it, rounded up to the slot's length. */
  readonly at: number;
  readonly parts: Map<string, Contribution>;
}

/** The sliding window of one rule over one source: contributions by batch and instance, (to - over, to]. */
export class Window {
  readonly kind: MeasuredKind;
  readonly #shape: WindowShape;
  readonly #slotMs: number;
  readonly #worse: (a: number, b: number) => number;
  /** Ascending by `at`. */
  #slots: Slot[] = [];
  /** What is already merged, for distributions and distincts. */
  readonly #sketches = new Map<string, Sketch>();
  /** Slots up to here have left the window for good. */
  #floor = -Infinity;
  #unsaved = new Set<Slot>();
  #deleteUpTo: number | undefined;

  constructor(shape: WindowShape) {
    this.kind = shape.kind;
    this.#shape = shape;
    this.#slotMs = slotLengthMs(shape);
    this.#worse = shape.side === "above" ? Math.max : Math.min;
  }

  /** `to` is the end of the batch. What is too late for the window is left out. */
  add(to: number, key: string, sample: Measured): void {
    const at = this.#slotOf(to);
    if (at <= this.#floor) {
      return;
    }
    const slot = this.#slotAt(at);
    const part = slot.parts.get(key);
    if (part === undefined) {
      slot.parts.set(key, toContribution(to, sample));
    } else {
      addSample(part, to, sample, this.#worse);
    }
    this.#unsaved.add(slot);
    this.#sketches.get(key)?.invalidate(at);
  }

  /** What the window that ends at `to` says, by instance; an instance without contributions is not in it. */
  read(to: number): Map<string, Reading> {
    const last = this.#slotOf(to);
    const { overMs } = this.#shape;
    const inside = new Map<string, PlacedPart[]>();
    for (const { at, parts } of this.#slots) {
      const isInside = overMs === undefined ? at === last : at > last - overMs;
      if (isInside && at <= last) {
        for (const [key, part] of parts) {
          const list = inside.get(key);
          if (list === undefined) {
            inside.set(key, [{ at, part }]);
          } else {
            list.push({ at, part });
          }
        }
      }
    }
    for (const key of this.#sketches.keys()) {
      if (!inside.has(key)) {
        this.#sketches.delete(key);
      }
    }
    const readings = new Map<string, Reading>();
    for (const [key, list] of inside) {
      const isFresh = list.some(({ part }) => part.to === to);
      readings.set(key, { ...this.#sumUp(key, list), isFresh });
    }
    return readings;
  }

  /** Forgets what no window that ends after `to` can need. */
  expire(to: number): void {
    const last = this.#slotOf(to);
    const { overMs } = this.#shape;
    this.#floor = overMs === undefined ? last : last - overMs;
    this.#forget((slot) => slot.at <= this.#floor);
  }

  /** Forgets everything, also how late a batch may be. */
  clear(): void {
    this.#floor = -Infinity;
    this.#forget(() => true);
    this.#sketches.clear();
    this.#deleteUpTo = Infinity;
  }

  /** Since the last call. */
  takeChanges(): WindowChanges {
    const put = Array.from(this.#unsaved, (slot) => ({ at: slot.at, body: encodeSlot(slot) }));
    const changes = { deleteUpTo: this.#deleteUpTo, put };
    this.#unsaved = new Set();
    this.#deleteUpTo = undefined;
    return changes;
  }

  /** Puts back a stored slot; in ascending order. Throws Corrupt. */
  restore(at: number, body: Uint8Array): void {
    const input = new ByteReader(body);
    const parts = new Map<string, Contribution>();
    for (let rest = input.varint(); rest > 0; rest--) {
      parts.set(input.text(), readContribution(input, this.kind));
    }
    this.#slots.push({ at, parts });
  }

  /**
   * One instance's part of the window as a number: a count summed, a gauge averaged, a distribution merged and asked
   * for the quantile, a distinct merged and counted.
   */
  #sumUp(key: string, list: readonly PlacedPart[]): Averaged {
    const parts = list.map(({ part }) => part);
    if (this.kind === "count") {
      const sum = sumCounts(parts);
      return { value: sum, observations: sum };
    }
    if (this.kind === "gauge") {
      return averageGauges(parts);
    }
    const sketch = this.#sketches.get(key) ?? new Sketch();
    this.#sketches.set(key, sketch);
    return sketch.read(list, this.#shape.quantile);
  }

  #slotOf(to: number): number {
    return this.#slotMs === 0 ? to : Math.ceil(to / this.#slotMs) * this.#slotMs;
  }

  #slotAt(at: number): Slot {
    const after = this.#slots.findLastIndex((slot) => slot.at <= at);
    const found = this.#slots[after];
    if (found?.at === at) {
      return found;
    }
    const slot = { at, parts: new Map<string, Contribution>() };
    this.#slots.splice(after + 1, 0, slot);
    return slot;
  }

  #forget(isOver: (slot: Slot) => boolean): void {
    const kept = this.#slots.filter((slot) => !isOver(slot));
    if (kept.length === this.#slots.length) {
      return;
    }
    for (const slot of this.#slots) {
      if (isOver(slot)) {
        this.#unsaved.delete(slot);
        this.#deleteUpTo = Math.max(this.#deleteUpTo ?? -Infinity, slot.at);
      }
    }
    this.#slots = kept;
  }
}

/** 0 for a slot per batch. */
function slotLengthMs({ kind, overMs = 0 }: WindowShape): number {
  const slotsMax = kind === "count" || kind === "gauge" ? numberSlotsMax : sketchSlotsMax;
  if (overMs <= slotsMax * 1000) {
    return 0;
  }
  const wantedS = overMs / 1000 / slotsMax;
  return (slotLengthsS.find((seconds) => seconds >= wantedS) ?? 7200) * 1000;
}

function encodeSlot(slot: Slot): Uint8Array {
  const out = new ByteWriter();
  out.varint(slot.parts.size);
  for (const [key, part] of slot.parts) {
    out.text(key);
    writeContribution(out, part);
  }
  return out.finish();
}
