/** The messages of one batch; `key` is the same whenever the batch is offered again. */
export interface GelfBatch {
  readonly key: string;
  readonly messages: readonly string[];
}

/** How messages travel. */
export interface GelfTransport extends AsyncDisposable {
  /** Resolves once all of them are delivered, in their order; throws as OpenOutput.write does. */
  send(batches: readonly GelfBatch[], signal: AbortSignal): Promise<void>;
}

export const compressions = ["none", "gzip", "zlib"] as const;
export type Compression = (typeof compressions)[number];
