import type { JSX } from "preact";
import type { Status, Tone } from "../status.ts";

/** A shape for each tone: a disc, a square, a triangle, a ring. */
const shapes: Readonly<Record<Tone, JSX.Element>> = {
  good: <circle cx="5" cy="5" r="4" />,
  bad: <rect x="1" y="1" width="8" height="8" />,
  warn: <path d="M5 .8 9.6 9H.4Z" />,
  quiet: <circle cx="5" cy="5" r="3.2" fill="none" stroke="currentColor" stroke-width="1.5" />,
};

export function Shape({ tone }: { readonly tone: Tone }): JSX.Element {
  return (
    <svg class={`shape ${tone}`} viewBox="0 0 10 10" aria-hidden="true">
      {shapes[tone]}
    </svg>
  );
}

/** A shape and its word. */
export function Mark({ tone, word }: Status): JSX.Element {
  return (
    <span class={`mark ${tone}`}>
      <Shape tone={tone} />
      {word}
    </span>
  );
}
