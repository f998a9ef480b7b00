// GELF over HTTP: one message a request, one request at a time, so that their order is kept.
import type { OutputContext } from "../core/component.ts";
import { Permanent, describeError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Compression, GelfBatch, GelfTransport } from "./_gelf-transport.ts";
import { compress } from "./_gelf-udp.ts";
import { post } from "./_post.ts";
import { type TlsFiles, loadTls } from "../core/tls-files.ts";

export interface GelfHttpOptions {
  readonly url: string;
  readonly compression: Compression;
  readonly authorization: Secret | undefined;
  /** Undefined: what the system trusts. */
  readonly tls: TlsFiles | undefined;
}

/** How far a batch has come that was not delivered whole. */
interface Progress {
  /** Messages that were taken or refused. */
  done: number;
  /** Why the first refused message was. */
  refusal: string | undefined;
}

/** Batches whose progress is remembered: more than are ever offered at once. */
const progressMax = 1_000;

const encodings = { none: undefined, gzip: "gzip", zlib: "deflate" } as const;

/** Remembers how far it came with batches that are offered again: of these, nothing is sent twice. */
export function createGelfHttp(options: GelfHttpOptions, context: OutputContext): GelfTransport {
  const { url, compression, authorization } = options;
  const progress = new Map<string, Progress>();
  const encoding = encodings[compression];
  const headers = {
    "content-type": "application/json",
    ...(encoding !== undefined && { "content-encoding": encoding }),
    ...(authorization !== undefined && { authorization: authorization.reveal() }),
  };

  async function sendBatch({ key, messages }: GelfBatch, request: Request): Promise<void> {
    const of = progress.get(key) ?? { done: 0, refusal: undefined };
    remember(progress, key, of);
    for (const message of messages.slice(of.done)) {
      request.signal.throwIfAborted();
      const body = compression === "none" ? message : compress(message, compression);
      try {
        await post({ url, headers, body, ...request }, context);
      } catch (error) {
        if (!(error instanceof Permanent)) {
          throw error;
        }
        of.refusal ??= describeError(error);
      }
      of.done++;
    }
    if (of.refusal !== undefined) {
      throw new Permanent(of.refusal);
    }
  }

  return {
    async send(batches, signal) {
      const tls = options.tls && (await loadTls(options.tls, context.files));
      for (const batch of batches) {
        await sendBatch(batch, { signal, tls });
      }
      batches.forEach(({ key }) => progress.delete(key));
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Request {
  readonly signal: AbortSignal;
  readonly tls: Awaited<ReturnType<typeof loadTls>> | undefined;
}

function remember(progress: Map<string, Progress>, key: string, of: Progress): void {
  const [oldest] = progress.keys();
  if (progress.size >= progressMax && oldest !== undefined && !progress.has(key)) {
    progress.delete(oldest);
  }
  progress.set(key, of);
}
