import { toMessage, writeBytes, writeText } from "./_protobuf.ts";

/** A label, once for all series that have it. */
export interface WireLabel {
  readonly name: string;
  readonly value: string;
  /** As a field of a TimeSeries of remote-write 1.0: Label { name = 1, value = 2 }. */
  readonly field: Uint8Array;
}

/** What is remembered only saves room, and can be forgotten at any time. */
const labelsMax = 100_000;

/** Series share most of their labels. */
export class WireLabels {
  readonly #known = new Map<string, Map<string, WireLabel>>();
  #size = 0;

  of(name: string, value: string): WireLabel {
    const known = this.#known.get(name)?.get(value);
    return known ?? this.#add(name, value);
  }

  #add(name: string, value: string): WireLabel {
    if (this.#size >= labelsMax) {
      this.#known.clear();
      this.#size = 0;
    }
    const label = { name, value, field: toField(name, value) };
    const ofName = this.#known.get(name) ?? new Map<string, WireLabel>();
    this.#known.set(name, ofName.set(value, label));
    this.#size++;
    return label;
  }
}

function toField(name: string, value: string): Uint8Array {
  const label = toMessage((out) => {
    writeText(out, 1, name);
    writeText(out, 2, value);
  });
  return toMessage((out) => writeBytes(out, 1, label));
}
