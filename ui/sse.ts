// The event stream format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-
// an-event-stream

/** One dispatched event. */
export interface SseEvent {
  /** "message" when the stream names none. */
  readonly name: string;
  readonly data: string;
}

export interface SseParser {
  /**
   * Takes the next piece of text, cut anywhere, and returns the events that it completes. Throws a
   * RangeError beyond `eventCharsMax`.
   */
  push(text: string): SseEvent[];
  /** Where to resume: the last `id` of a completed event. Empty at first. */
  readonly lastEventId: string;
  /** The pause that the server asked for, in milliseconds. */
  readonly retryMs: number | undefined;
}

/** A batch is at most 512 KiB in its binary form; its JSON form carries summaries only. */
const eventCharsMax = 8 * 1024 * 1024;

export function createSseParser(lastEventId: string): SseParser {
  let rest = "";
  let name = "";
  let data: string[] = [];
  let id = lastEventId;
  let committedId = lastEventId;
  let retryMs: number | undefined;
  let heldChars = 0;

  /** Fields are set as they come; an empty line dispatches. */
  function takeLine(line: string): SseEvent | undefined {
    if (line === "") {
      committedId = id;
      heldChars = 0;
      const event = { name: name || "message", data: data.join("\n") };
      const some = data.length > 0;
      name = "";
      data = [];
      return some ? event : undefined;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    takeField(field, value);
    return undefined;
  }

  function takeField(field: string, value: string): void {
    if (field === "event") {
      name = value;
    } else if (field === "data") {
      heldChars += value.length;
      data.push(value);
    } else if (field === "id" && !value.includes("\0")) {
      id = value;
    } else if (field === "retry" && /^\d+$/.test(value)) {
      retryMs = Number(value);
    }
  }

  return {
    push(text) {
      const events: SseEvent[] = [];
      const [lines, last] = splitLines(rest + text);
      rest = last;
      for (const line of lines) {
        const event = takeLine(line);
        if (event !== undefined) {
          events.push(event);
        }
      }
      if (rest.length + heldChars > eventCharsMax) {
        throw new RangeError("An event of the stream is too long.");
      }
      return events;
    },
    get lastEventId() {
      return committedId;
    },
    get retryMs() {
      return retryMs;
    },
  };
}

/**
 * Complete lines, and the beginning of the next. A CR at the end is kept back: an LF may follow it.
 */
function splitLines(text: string): [string[], string] {
  const held = text.endsWith("\r") ? "\r" : "";
  const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
  const last = lines.pop() ?? "";
  return [lines, last + held];
}
