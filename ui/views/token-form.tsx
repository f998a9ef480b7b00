import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { usePage } from "../page.ts";

/** Asked for when the server answers 401. The token stays in this tab's session storage. */
export function TokenForm({ refused }: { readonly refused: boolean }): JSX.Element {
  const { session } = usePage();
  const input = useRef<HTMLInputElement>(null);
  return (
    <main class="door">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = input.current?.value.trim() ?? "";
          if (token !== "") {
            session.submitToken(token);
          }
        }}
      >
        <h1>This node asks for a token</h1>
        <p class="muted">
          It is the token of the section <code>server</code> in the node's configuration. It is kept
          until this tab is closed.
        </p>
        <label for="token">Token</label>
        <div class="door-row">
          <input
            id="token"
            ref={input}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            autofocus
            aria-describedby="token-problem"
          />
          <button type="submit">Open</button>
        </div>
        <p id="token-problem" class="bad" role="alert">
          {refused ? "The server did not accept this token. Check it and try again." : ""}
        </p>
      </form>
    </main>
  );
}
