import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ApiError } from "../api.ts";
import { formatCount } from "../format.ts";
import { usePage } from "../page.ts";

/** Asks from when on, and has what was sent since then sent again. */
export function RepeatForm({ id }: { readonly id: string }): JSX.Element {
  const { session } = usePage();
  const from = useSignal("");
  const outcome = useSignal<{ readonly tone: string; readonly text: string } | undefined>(
    undefined,
  );

  async function run(): Promise<void> {
    // The field holds a wall clock's time, which is the reader's own.
    const instant = new Date(from.value);
    if (Number.isNaN(instant.getTime())) {
      outcome.value = { tone: "bad", text: "Say from when on." };
      return;
    }
    try {
      const { signal } = new AbortController();
      const { body } = await session.api.repeatOutput(id, instant.toISOString(), signal);
      outcome.value = {
        tone: "good",
        text: `${formatCount(body.batches)} batches are sent again.`,
      };
    } catch (error) {
      const text = error instanceof ApiError ? error.message : "The server cannot be reached.";
      outcome.value = { tone: "bad", text };
    }
  }

  return (
    <details class="repeat">
      <summary>Send again…</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <label>
          from{" "}
          <input
            type="datetime-local"
            step="1"
            value={from.value}
            onInput={(event) => {
              from.value = event.currentTarget.value;
            }}
          />
        </label>{" "}
        <button type="submit">Send again</button>
      </form>
      {outcome.value && (
        <p class={outcome.value.tone} role="status">
          {outcome.value.text}
        </p>
      )}
    </details>
  );
}
