import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ApiError, type TrialReply } from "../api.ts";
import { usePage } from "../page.ts";

/** Sends a test measurement on a click, and says what became of it. */
export function OutputTrial({ id }: { readonly id: string }): JSX.Element {
  const { session } = usePage();
  const isRunning = useSignal(false);
  const outcome = useSignal<TrialReply | undefined>(undefined);

  async function run(): Promise<void> {
    isRunning.value = true;
    try {
      const { body } = await session.api.tryOutput(id, new AbortController().signal);
      outcome.value = body;
    } catch (error) {
      const text = error instanceof ApiError ? error.message : "the server cannot be reached";
      outcome.value = { isTaken: false, text };
    }
    isRunning.value = false;
  }

  return (
    <>
      <button
        type="button"
        disabled={isRunning.value}
        title="Sends one clearly marked measurement"
        onClick={() => void run()}
      >
        {isRunning.value ? "Testing…" : "Test"}
      </button>
      {outcome.value && (
        <p class={outcome.value.isTaken ? "good" : "bad"} role="status">
          {outcome.value.isTaken ? "Sent" : "Failed"}: {outcome.value.text}
        </p>
      )}
    </>
  );
}
