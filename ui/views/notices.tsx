import type { JSX } from "preact";
import { formatCount } from "../format.ts";
import { usePage } from "../page.ts";

/** What the reader has to know about the page's own data. */
export function Notices(): JSX.Element | null {
  const { store, past } = usePage();
  const { problem, link, missed } = store;
  const texts: string[] = (past.answers.value?.problems ?? []).map(
    (reason) => `Not everything could be loaded: ${reason}`,
  );
  if (link.value.state === "lost") {
    texts.push(`${link.value.reason} What is shown may be out of date; the page keeps trying.`);
  } else if (problem.value !== undefined) {
    texts.push(`States of sources may be out of date: ${problem.value}`);
  }
  return (
    <div class="notices" role="status">
      {texts.map((text) => (
        <p key={text} class="notice">
          {text}
        </p>
      ))}
      {missed.value && (
        <p class="notice">
          <span>
            {formatCount(missed.value.batches)} batches did not reach this page (
            {missed.value.reason}). They are missing from the charts below.
          </span>
          <button
            type="button"
            onClick={() => {
              missed.value = undefined;
            }}
          >
            Dismiss
          </button>
        </p>
      )}
    </div>
  );
}
