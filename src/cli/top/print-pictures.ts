// Without a terminal: pictures one after the other, or plain data.
import type { Observation } from "../../core/component.ts";
import type { Terminal } from "../command.ts";
import { spansMs } from "./live-numbers.ts";
import { toPlainPicture } from "./plain-pictures.ts";
import type { TopWish } from "./read-top-flags.ts";
import { toLook } from "./to-look.ts";
import type { TopSession } from "./top-session.ts";
import { toWindowJson } from "./to-window-json.ts";

/** Where nobody says how wide a line may be. */
const columnsDefault = 100;

/**
 * A picture at the end of each window that ends from now on, once it `isReady`; a single one where that was asked for.
 */
export async function printPictures(
  session: TopSession,
  wish: TopWish,
  terminal: Terminal & { readonly isReady: () => boolean },
): Promise<void> {
  const { env, environment, columns, print, isReady } = terminal;
  const startMs = environment.clock.now();
  const isDumb = columns === undefined || env["TERM"] === "dumb" || (env["TERM"] ?? "") === "";
  const look = toLook(wish, terminal);
  // What was read from its start is wanted as a whole.
  const spanAt = wish.from === "start" ? spansMs.length - 1 : 0;
  let shownTo = startMs;
  await forEachWindow(session, terminal, async () => {
    if (session.endMs <= shownTo || !isReady()) {
      return true;
    }
    shownTo = session.endMs;
    const picture = toPlainPicture(session.shown(spanAt), {
      columns: columns ?? (Number(env["COLUMNS"]) || columnsDefault),
      look: isDumb ? undefined : look,
      isAscii: look.isAscii,
      spanAt,
    });
    await print(picture);
    return wish.output !== "once";
  });
}

/** One JSON object a line, for each window of each log. */
export async function printWindows(
  session: TopSession,
  { quantiles }: TopWish,
  terminal: Terminal,
): Promise<void> {
  await forEachWindow(session, terminal, async (log, observation) => {
    await terminal.print(`${JSON.stringify(toWindowJson(log, observation, quantiles))}\n`);
    return true;
  });
}

/** Until `use` resolves to false, or the terminal stops. Rejects with what `use` does. */
async function forEachWindow(
  session: TopSession,
  { stop }: Pick<Terminal, "stop">,
  use: (log: string, observation: Observation) => Promise<boolean>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isOver = stop.aborted;
  const end = (): void => {
    isOver = true;
    resolve();
  };
  using life = new DisposableStack();
  const listening = session.onWindow(async (log, observation) => {
    try {
      if (!isOver && !(await use(log, observation))) {
        end();
      }
    } catch (error) {
      reject(error);
    }
  });
  life.use(listening);
  stop.addEventListener("abort", end, { once: true });
  life.defer(() => stop.removeEventListener("abort", end));
  if (!isOver) {
    await promise;
  }
}
