// The loop of the screen: what has changed is drawn, keys change what is shown.
import { once } from "node:events";
import type { Look } from "../screen/encode-line.ts";
import { KeyDecoder } from "../screen/keys.ts";
import { Screen } from "../screen/screen.ts";
import type { Tty } from "../screen/tty.ts";
import { type Picture, draw } from "./draw.ts";
import { spansMs } from "./live-numbers.ts";
import type { Shown } from "./panel.ts";
import { type Effect, type TopState, firstState, press } from "./top-state.ts";
import type { TopSession } from "./top-session.ts";

export interface LiveOptions {
  readonly session: TopSession;
  readonly tty: Tty;
  readonly look: Look;
  /** Ends it, as its user does with `q`. */
  readonly stop: AbortSignal;
}

/** However many windows come, it is drawn no more often; while there is much to read, more seldom. */
const drawEveryMs = 100;
const drawEveryMsCatchingUp = 500;
/** An escape character after which nothing comes for so long was the Escape key. */
const escapeMs = 50;

/** Shows the session until its user has seen enough. Whatever happens, the terminal is as it was before. */
export async function runLive(options: LiveOptions): Promise<void> {
  using live = new LiveScreen(options);
  await live.ended;
}

class LiveScreen implements Disposable {
  readonly #session: TopSession;
  readonly #tty: Tty;
  readonly #screen: Screen;
  readonly #decoder = new KeyDecoder();
  readonly #quit = new AbortController();
  readonly #end: AbortSignal;
  readonly #life: DisposableStack;
  #state: TopState = firstState;
  #picture: Picture;
  /** What is shown while it is paused, by span. */
  #held: readonly Shown[] | undefined;
  #drawing: NodeJS.Timeout | undefined;
  #escaping: NodeJS.Timeout | undefined;

  constructor({ session, tty, look, stop }: LiveOptions) {
    this.#session = session;
    this.#tty = tty;
    this.#end = AbortSignal.any([stop, this.#quit.signal]);
    using life = new DisposableStack();
    this.#screen = life.use(new Screen(tty, look));
    this.#picture = this.#draw();
    life.use(session.onWindow(async () => this.#drawSoon()));
    life.use(tty.on("input", (bytes) => this.#read(bytes)));
    life.use(tty.on("resize", () => this.#drawAnew()));
    life.use(tty.on("gone", () => this.#quit.abort()));
    life.use(tty.on("suspend", () => this.#suspend()));
    life.use(tty.on("continue", () => this.#continue()));
    this.#life = life.move();
  }

  get ended(): Promise<unknown> {
    return this.#end.aborted ? Promise.resolve() : once(this.#end, "abort");
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#drawing);
    clearTimeout(this.#escaping);
    this.#life[Symbol.dispose]();
  }

  #draw(): Picture {
    const { spanAt } = this.#state;
    const shown = this.#held?.[spanAt] ?? this.#session.shown(spanAt);
    const { columns, rows } = this.#tty;
    this.#picture = draw(this.#state, shown, { columns, rows });
    this.#screen.show(this.#picture.lines, this.#picture.cursor);
    return this.#picture;
  }

  #drawSoon(): void {
    const { isCatchingUp } = this.#session;
    // The first window is shown as soon as any other.
    const isLate = isCatchingUp && this.#picture.view.rows.length > 0;
    this.#drawing ??= setTimeout(
      () => {
        this.#drawing = undefined;
        this.#draw();
      },
      isLate ? drawEveryMsCatchingUp : drawEveryMs,
    );
  }

  #drawAnew(): void {
    this.#screen.forget();
    this.#draw();
  }

  #read(bytes: Uint8Array): void {
    clearTimeout(this.#escaping);
    this.#press(this.#decoder.decode(bytes));
    if (this.#decoder.isPending) {
      this.#escaping = setTimeout(() => this.#press(this.#decoder.flush()), escapeMs);
    }
  }

  #press(keys: ReturnType<KeyDecoder["decode"]>): void {
    for (const key of keys) {
      const { state, effect } = press(this.#state, key, this.#picture.view);
      this.#apply(state);
      this.#do(effect);
      this.#draw();
    }
  }

  #apply(state: TopState): void {
    const before = this.#state;
    this.#state = state;
    if (state.filter !== before.filter) {
      // A picture that is held would not show the filter's work.
      this.#state = { ...state, isPaused: false };
      this.#session.filter(state.filter);
    }
    const { isPaused } = this.#state;
    if (isPaused !== (this.#held !== undefined)) {
      this.#held = isPaused ? spansMs.map((_, at) => this.#session.shown(at)) : undefined;
    }
  }

  #do(effect: Effect): void {
    switch (effect) {
      case "quit":
        this.#quit.abort();
        return;
      case "suspend":
        this.#suspend();
        return;
      case "redraw":
        this.#screen.forget();
        return;
      case undefined:
    }
  }

  #suspend(): void {
    this.#screen.leave();
    this.#tty.stop();
  }

  #continue(): void {
    this.#screen.enter();
    this.#draw();
  }
}
