// GELF over TCP or TLS: texts that end with NUL, and no word from the receiver.
import type { OutputContext } from "../core/component.ts";
import type { GelfTransport } from "./_gelf-transport.ts";
import { type StreamPlace, createConfirmedStream, createKeptStream } from "./_one-way-stream.ts";

export interface GelfTcpOptions extends StreamPlace {
  /** See the option of this name. */
  readonly confirm: boolean;
}

export function createGelfTcp(options: GelfTcpOptions, context: OutputContext): GelfTransport {
  const stream = (options.confirm ? createConfirmedStream : createKeptStream)(options, context);
  return {
    async send(batches, signal) {
      const frames = batches.flatMap(({ messages }) => messages.map((message) => `${message}\0`));
      await stream.send(frames.join(""), signal);
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
