// Values that are not written as most are: generated code comes here with them instead of leaving the
// whole line to the reference parser. Scanners of the internet write the same odd requests again and
// again, so that what was read is remembered.

import { decodeText } from "../format/decode-text.ts";
import type {
  Escape,
  NumberValue,
  Part,
  RequestValue,
  StatusValue,
  TargetValue,
} from "../format/line-format.ts";
import { isMissing, parseNumberValue } from "../format/parse-number-value.ts";
import { splitRequest, splitTarget } from "../format/split-request.ts";
import { remember } from "./_remember.ts";

/** Of a number that is missing: none is negative. */
export const missingNumber = -1;

/** A number of the value's field from its bytes as latin1, or `missingNumber`; NaN when it is none. */
export type AmountReader = (raw: string) => number;

export function createAmountReader(value: NumberValue | StatusValue): AmountReader {
  return remember((raw: string) =>
    value.type === "number" ? toAmount(value, raw) : toStatus(raw),
  );
}

function toAmount(value: NumberValue, raw: string): number {
  const amount = parseNumberValue(value, raw);
  return amount === "bad_number" ? Number.NaN : (amount ?? missingNumber);
}

function toStatus(raw: string): number {
  if (isMissing(raw, ["-1"])) {
    return missingNumber;
  }
  return /^\d{1,3}$/.test(raw) ? Number(raw) : Number.NaN;
}

export interface OddTarget {
  /** As text; undefined when there is none. */
  readonly target: string | undefined;
  /** A method, and perhaps a protocol, are known as well. */
  readonly hasMethod: boolean;
  /** It is absolute: a scheme and a host are in front of its path. */
  readonly isAbsolute: boolean;
}

/** Of the bytes of a target or a request line, as latin1. */
export type TargetReader = (raw: string) => OddTarget;

export function createTargetReader(
  value: RequestValue | TargetValue,
  escape: Escape,
): TargetReader {
  return remember((raw: string) => {
    const pieces = value.type === "request" ? splitRequest(raw) : undefined;
    const text = value.type === "request" ? (pieces?.target ?? "") : withoutDash(value, raw);
    const decoded = isMissing(text) ? undefined : splitTarget(decodeText(text, escape));
    return {
      target: decoded?.target,
      hasMethod: pieces !== undefined,
      isAbsolute: decoded?.scheme !== undefined,
    };
  });
}

function withoutDash({ hasAppendedQuery }: TargetValue, raw: string): string {
  return hasAppendedQuery && raw.endsWith("-") && !raw.includes("?") ? raw.slice(0, -1) : raw;
}

/** The readers of what is odd in the parts of a positional format. */
export class OddParts {
  readonly #amounts: readonly (AmountReader | undefined)[];
  readonly #targets: readonly (TargetReader | undefined)[];

  constructor(parts: readonly Part[]) {
    const values = parts.map((part) => (part.kind === "value" ? part : undefined));
    this.#amounts = values.map((part) =>
      part?.value.type === "number" || part?.value.type === "status"
        ? createAmountReader(part.value)
        : undefined,
    );
    this.#targets = values.map((part) =>
      part?.value.type === "request" || part?.value.type === "target"
        ? createTargetReader(part.value, part.escape)
        : undefined,
    );
  }

  amountOf(part: number, raw: string): number {
    return this.#amounts[part]?.(raw) ?? Number.NaN;
  }

  targetOf(part: number, raw: string): OddTarget | undefined {
    return this.#targets[part]?.(raw);
  }
}
