// What the code generated for named values calls: it finds them, and reads those that are odd.

import type { ZoneClock } from "../format/zone-clock.ts";
import { RequestCut } from "./_cut-request.ts";
import { GroupLocator } from "./_locate-groups.ts";
import { decodeJsonNumber, decodeJsonText, JsonLocator } from "./_locate-json.ts";
import { decodeLogfmtText, LogfmtLocator } from "./_locate-logfmt.ts";
import { LtsvLocator } from "./_locate-ltsv.ts";
import { KeySlots, type Locator } from "./_locator.ts";
import type { NamedBinding, NamedPlan } from "./_named-plan.ts";
import type { NamedFormat } from "./_scan-plan.ts";
import { NamedTime } from "./_named-time.ts";
import { NamedValues, valueKinds } from "./_named-values.ts";
import {
  type AmountReader,
  createAmountReader,
  createTargetReader,
  type OddTarget,
  type TargetReader,
} from "./_odd-values.ts";
import { remember } from "./_remember.ts";

/** A binding whose key has occurred, and the slot that its value is in. */
export interface SlottedBinding extends NamedBinding {
  /** Its place in the plan. */
  readonly index: number;
  readonly slot: number;
}

export class NamedReader {
  readonly values: NamedValues;
  /** The pieces of the request line that was cut last. */
  readonly request = new RequestCut();
  readonly #plan: NamedPlan;
  readonly #slots: KeySlots;
  readonly #locator: Locator;
  readonly #times: readonly (NamedTime | undefined)[];
  readonly #amounts: readonly (AmountReader | undefined)[];
  readonly #targets: readonly (TargetReader | undefined)[];

  constructor(format: NamedFormat, plan: NamedPlan, zone: ZoneClock) {
    this.#plan = plan;
    this.values = new NamedValues({
      [valueKinds.jsonText]: remember(decodeJsonText),
      [valueKinds.jsonNumber]: decodeJsonNumber,
      [valueKinds.logfmtText]: remember(decodeLogfmtText),
    });
    this.#slots = new KeySlots(plan.keys.length, this.values);
    this.#locator = createLocator(format, plan, { values: this.values, slots: this.#slots });
    this.#times = plan.bindings.map(({ value }) =>
      value.type === "time" ? new NamedTime(value, zone) : undefined,
    );
    this.#amounts = plan.bindings.map(({ value }) =>
      value.type === "number" || value.type === "status" ? createAmountReader(value) : undefined,
    );
    this.#targets = plan.bindings.map(({ value }) =>
      value.type === "request" || value.type === "target"
        ? createTargetReader(value, "none")
        : undefined,
    );
  }

  /** A key has occurred that the code was not made for. */
  get hasNewKeys(): boolean {
    return this.#slots.hasNew;
  }

  /** What code has to be made for; it counts as made. */
  takeBindings(): readonly SlottedBinding[] {
    this.#slots.hasNew = false;
    return this.#plan.bindings.flatMap((binding, index) => {
      const slot = this.#slots.slotOf[binding.key] ?? -1;
      return slot < 0 ? [] : [{ ...binding, index, slot }];
    });
  }

  use(bytes: Buffer, view: DataView): void {
    this.values.use(bytes, view);
    this.#locator.use(bytes, view);
  }

  // What follows is called by generated code.

  /** Behind the line at `at`, whose values are in the slots now; -1: it has to be read slowly. */
  locate(at: number): number {
    this.values.clear();
    const end = this.#locator.locate(at);
    if (end < 0 || this.#slots.hasNew) {
      return -1;
    }
    this.values.settle();
    return end;
  }

  /** The number of a binding that is not written as most are; NaN when it is none. */
  amountOf(index: number, start: number, end: number): number {
    return this.#amounts[index]?.(this.values.buffer.toString("latin1", start, end)) ?? Number.NaN;
  }

  /** The target of a binding that is not written as most are. */
  readOddTarget(index: number, start: number, end: number): OddTarget | undefined {
    return this.#targets[index]?.(this.values.buffer.toString("latin1", start, end));
  }

  /** The instant of a binding; NaN when it is none. `lastingMs`: how long the request took. */
  timeOf(index: number, start: number, end: number, lastingMs: number): number {
    return this.#times[index]?.read(this.values, start, end, lastingMs) ?? Number.NaN;
  }

  cutRequest(start: number, end: number): boolean {
    return this.request.cut(this.values.bytes, this.values.view, start, end);
  }
}

function createLocator(
  format: NamedFormat,
  { keys }: NamedPlan,
  parts: { readonly values: NamedValues; readonly slots: KeySlots },
): Locator {
  if (format.layout === "pattern") {
    return new GroupLocator(format.pattern, keys, parts);
  }
  switch (format.syntax) {
    case "json":
      return new JsonLocator(keys, parts);
    case "ltsv":
      return new LtsvLocator(keys, parts);
    case "logfmt":
      return new LogfmtLocator(keys, parts);
  }
}
