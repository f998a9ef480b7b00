import type { LineFormat } from "./line-format.ts";

/** A format, or why a text is none: a sentence with the directive and its column, from 1. */
export type FormatResult =
  | {
      readonly format: LineFormat;
      /** What the format cannot tell, as sentences for the user; not errors. */
      readonly remarks: readonly string[];
      readonly problem?: never;
    }
  | { readonly format?: never; readonly remarks?: never; readonly problem: string };

/** What a text alone does not say. */
export interface FormatOptions {
  /** The unit of Tomcat's `%D` and of `time-taken`; for every directive `%D` when it is set. */
  readonly durationUnit?: "us" | "ms" | "s" | undefined;
  /** Tomcat's major version: `%D` is in milliseconds up to 9, in microseconds from 10. */
  readonly tomcatVersion?: number | undefined;
  /** Lines have a syslog header in front. HAProxy's may have one without being asked. */
  readonly syslog?: boolean | undefined;
  /** Anything may follow the last directive, behind a space. */
  readonly ignoreRest?: boolean | undefined;
}

export const unitDivisors = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 } as const;
