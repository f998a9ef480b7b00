// What a component is, and what it may touch. Every source and output is one object literal of a type defined here;
// validation, reference page, JSON Schema, form, sample configuration and first test all come from it.
import type { z } from "zod";
import type { Batch } from "./batch.ts";
import type { World } from "./example-world.ts";
import type { Fetch, Network } from "./network.ts";
import type { Event, Labels, Sample, SampleKind, TopSample } from "./sample.ts";

// ---------------------------------------------------------------------------------------------- what may be touched

/** A file opened for reading. `dev` and `ino` stay those of the opened file, whatever its path names later. */
export interface ReadableFile extends AsyncDisposable {
  /** Up to `into.length` bytes from `offset`; fewer only at the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>;
  stat(): Promise<FileStat>;
}

export interface FileStat {
  readonly dev: number;
  /** A text where a number would not be exact. */
  readonly ino: number | string;
  readonly sizeBytes: number;
  /** When it was last written to, in milliseconds since the epoch, with a fraction. */
  readonly mtimeMs: number;
  readonly kind: FileKind;
}

export type FileKind = "file" | "folder" | "pipe" | "socket" | "device";

/** A name in a folder. A symbolic link is a `link`, whatever it leads to. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: FileKind | "link";
}

/** Bytes that come when they come: they are buffered up to a bound, then the writer waits. */
export interface ByteStream extends AsyncDisposable {
  /** Takes what has come, up to `into.length` bytes; 0 when nothing has. Throws when the stream is broken. */
  read(into: Uint8Array): number;
  /** The writer has closed it, and everything was taken. */
  readonly isEnded: boolean;
}

/** A file opened for appending. */
export interface AppendableFile extends AsyncDisposable {
  /** Resolves when the operating system has taken all of it. */
  append(text: string): Promise<void>;
  /** Resolves when what was appended survives a power cut (fsync). */
  sync(): Promise<void>;
  stat(): Promise<FileStat>;
}

/** The file system as components see it. Rejects with Node's error codes (ENOENT, EACCES …). */
export interface Files {
  open(path: string): Promise<ReadableFile>;
  openAppend(path: string): Promise<AppendableFile>;
  /**
   * Puts a file with this text in the place of whatever the path names, in one step: who opens it sees the old text or
   * the new one, also after a crash.
   */
  replace(path: string, text: string): Promise<void>;
  /** Follows symbolic links. Undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>;
  /** What is in a folder, in no order; nothing when there is no such folder. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** The path without symbolic links. */
  realPath(path: string): Promise<string>;
  /** Opens a named pipe without waiting for its writer, or standard input, which is `-`. */
  openStream(path: string): Promise<ByteStream>;
  /**
   * Calls back when something in the folder may have changed, and perhaps when nothing has; with its name when that is
   * known. No more than a hint: where the system cannot watch, nothing is called.
   */
  watch(folder: string, onChange: (name: string | undefined) => void): Disposable;
}

/** Everything that a component may touch. A test passes a world of its own; nothing else needs replacing. */
export interface Context {
  /** Aborted when the component has to stop. Everything that waits takes it. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that only grow, for measuring durations. */
  readonly monotonic: () => number;
  /** Rejects when the component has to stop. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly fetch: Fetch;
  readonly network: Network;
  readonly files: Files;
  /** Writes to standard output. */
  readonly print: (text: string) => Promise<void>;
  /**
   * Says what keeps the component from its work, in one sentence for people ("/var/log/a.log: permission denied"),
   * or undefined when all is well again. Shown on the page; logged once a change. Cheap: call it as often as you like.
   */
  readonly report: (problem: string | undefined) => void;
}

// --------------------------------------------------------------------------------------------------------- sources

/** What a source saw over one window: a batch before the engine has numbered and addressed it. */
export interface Observation {
  /** The window [from, to), in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly samples: readonly Sample[];
  readonly tops?: readonly TopSample[];
  readonly events?: readonly Event[];
  /** Something that belongs into this window is known to be missing. */
  readonly partial?: boolean;
  /** Older than live: recorded, but no notice is sent for it. */
  readonly backfill?: boolean;
  /**
   * Why it is as it is, in one sentence for people: for a check that is down ("https://shop.example/ refused the
   * connection"). Shown until the next look; not written to the journal.
   */
  readonly remark?: string;
  /**
   * Where to go on after a restart, committed in one step with the observation: offsets, open windows, counter bases.
   * Anything that structuredClone takes. Left out: the position stays as it was.
   */
  readonly position?: unknown;
}

export interface SourceContext extends Context {
  /** The `position` of the last observation that was committed, also before a restart; undefined at first. */
  readonly position: unknown;
  /** The source's interval or window, in milliseconds. */
  readonly everyMs: number;
}

/** A metric of a component's catalogue: what it means, and the labels it may carry. */
export interface MetricDefinition {
  readonly kind: SampleKind | "top";
  readonly help: string;
  readonly labels?: readonly string[];
}

interface SourceBase<Options extends z.ZodObject> {
  /** The `kind` in the configuration. */
  readonly name: string;
  /** One sentence, starting with a verb: "Requests a URL and …". */
  readonly summary: string;
  readonly options: Options;
  /** What it looks at, as the user knows it: a URL, a file, a socket. Shown beside the source; holds no secret. */
  target?(options: z.output<Options>): string;
  /** Every metric that the source may yield, by name. */
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  /** Interval or window when the configuration gives none, as text: "10s". */
  readonly every: string;
  /** The first is the one that the reference opens with. */
  readonly examples: readonly [SourceExample<Options>, ...SourceExample<Options>[]];
}

/** Looks once per interval. The engine schedules it, gives it a deadline, and never runs it twice at once. */
export interface ScheduledSource<
  Options extends z.ZodObject = z.ZodObject,
> extends SourceBase<Options> {
  /** The outcome is up (`check_up` 1), down (0) or, when `observe` throws, unknown. */
  readonly check?: true;
  /**
   * One look. `down` is a returned value; whatever is thrown means that we do not know.
   * `signal` is aborted at the deadline.
   */
  observe(options: z.output<Options>, context: SourceContext): Promise<Observation>;
}

/** Runs until stopped and yields an observation per window. */
export interface ContinuousSource<
  Options extends z.ZodObject = z.ZodObject,
> extends SourceBase<Options> {
  /**
   * The engine asks for the next observation only after the last one is committed: a source that cannot append does
   * not advance. What is thrown is reported, and `follow` is started again from the committed position after a pause.
   */
  follow(options: z.output<Options>, context: SourceContext): AsyncIterable<Observation>;
}

export type Source<Options extends z.ZodObject = z.ZodObject> =
  | ScheduledSource<Options>
  | ContinuousSource<Options>;

/** Returns its argument; exists so that `observe` and `examples` get the types of `options`. */
export function defineSource<Options extends z.ZodObject>(
  source: ScheduledSource<Options>,
): ScheduledSource<Options>;
export function defineSource<Options extends z.ZodObject>(
  source: ContinuousSource<Options>,
): ContinuousSource<Options>;
export function defineSource(source: Source): Source {
  return source;
}

// --------------------------------------------------------------------------------------------------------- outputs

export interface OutputContext extends Context {
  /** What `state()` returned when the cursor was last committed; undefined at first. */
  readonly state: Uint8Array | undefined;
  /** What `progress()` returned after the last write, which may be later than `state`; undefined at first. */
  readonly progress?: Uint8Array | undefined;
  /** Counts samples that the destination will never take; `report` says why. */
  readonly countRefused: (samples: number) => void;
  /** What the sources' catalogues and the engine's own say of a metric; undefined for foreign ones. */
  readonly describe: (metric: string) => MetricDefinition | undefined;
}

/** An HTTP answer of an output's route. */
export interface RouteReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A path that the hub's server mounts for an output, below the same authentication as its own. */
export interface OutputRoute {
  readonly path: string;
  readonly summary: string;
  handle(request: { readonly accept: string }): Promise<RouteReply>;
}

export interface OpenOutput extends AsyncDisposable {
  /**
   * Resolves once the batches are safe at the destination. Throws Permanent when trying again cannot help; anything
   * else is tried again by the engine, with the same batches, after a pause. The signal has not aborted when it is called.
   */
  write(batches: readonly Batch[], signal: AbortSignal): Promise<void>;
  /**
   * What has to survive a restart (totals, for example); committed in one step with the cursor after `write`, every few
   * seconds, so that some batches are written once more after a crash. Undefined while a write has come half way.
   */
  state?(): Uint8Array | undefined;
  /**
   * How far it has come, in a few bytes that are committed after each write: an output whose `state` is large tells by
   * them which of the batches that it is given once more were sent already.
   */
  progress?(): Uint8Array;
  readonly routes?: readonly OutputRoute[];
  /**
   * How many batches `write` gets at most, for an output that needs a request for each: a write has 30 s. The engine
   * decides when left out.
   */
  readonly batchesMax?: number;
}

/** What an output can only do with sources that measure finely enough; the configuration is refused otherwise. */
export interface SourceNeed {
  /** It is about the sources whose catalogue has this metric. */
  readonly metric: string;
  /** Their windows may not be longer. */
  readonly everyMsMax: number;
  /** Ids of the sources that it is about; all that the output gets when left out. */
  readonly sources?: readonly string[];
}

export interface Output<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  /** It needs the clock: ticks are given to it also when they hold nothing. */
  readonly ticks?: true;
  /** It sends nothing: others ask it, by its routes or where it listens. */
  readonly isAsked?: true;
  /** The destination keeps one of what it is sent twice: what was sent may be sent again, from an earlier time. */
  readonly isRepeatable?: true;
  needs?(options: z.output<Options>): SourceNeed;
  readonly examples: readonly [OutputExample<Options>, ...OutputExample<Options>[]];
  /** Opens the destination. What it returns is disposed when the node stops or its configuration changes. */
  open(options: z.output<Options>, context: OutputContext): Promise<OpenOutput>;
}

/** An opened output as its file writes it: one that holds nothing open says nothing about closing. */
type OpenOutputForm = Omit<OpenOutput, typeof Symbol.asyncDispose> & Partial<AsyncDisposable>;

/** An output as its file writes it. */
type OutputForm<Options extends z.ZodObject> = Omit<Output<Options>, "open"> & {
  open(options: z.output<Options>, context: OutputContext): Promise<OpenOutputForm>;
};

/** Adds what is the same for all; and gives `open` and `examples` the types of `options`. */
export function defineOutput<Options extends z.ZodObject>(
  form: OutputForm<Options>,
): Output<Options> {
  return {
    ...form,
    async open(options, context) {
      const opened = await form.open(options, context);
      const write: OpenOutput["write"] = opened.write.bind(opened);
      const close = opened[Symbol.asyncDispose]?.bind(opened);
      return Object.assign(opened, {
        async write(batches: readonly Batch[], signal: AbortSignal) {
          signal.throwIfAborted();
          await write(batches, signal);
        },
        [Symbol.asyncDispose]: async () => close?.(),
      });
    },
  };
}

// -------------------------------------------------------------------------------------------------------- examples

/**
 * A sample as an example states it: distributions by count and sum (rounded to 9 digits), distincts by count.
 * Samples that the engine adds are left out.
 */
export interface ExpectedSample {
  readonly name: string;
  readonly labels?: Labels;
  readonly value: number | { readonly count: number; readonly sum: number };
}

/** Documentation and test at once: printed in the reference and run in CI. */
export interface SourceExample<Options extends z.ZodObject> {
  readonly title: string;
  readonly options: z.input<Options>;
  readonly given: World;
  /** The samples of each observation, in order. */
  readonly expect: readonly (readonly ExpectedSample[])[];
}

export interface OutputExample<Options extends z.ZodObject> {
  readonly title: string;
  readonly options: z.input<Options>;
  readonly given?: World;
  readonly batches: readonly Batch[];
  /** What `describe` knows. */
  readonly metrics?: Readonly<Record<string, MetricDefinition>>;
  readonly expect: {
    readonly printed?: string;
    readonly files?: Readonly<Record<string, string>>;
    /** Bodies that were sent by `fetch`, in order, by URL; decompressed. */
    readonly posted?: Readonly<Record<string, readonly string[]>>;
    /** What went over sockets: by `udp://host:port` one text a datagram, by `tcp://host:port` or path one a connection. */
    readonly sent?: Readonly<Record<string, readonly string[]>>;
    /** Bodies of its routes after the batches were written, by path. */
    readonly routes?: Readonly<Record<string, string>>;
    /**
     * What it says where it listens, after the batches were written: by `host:port`, the whole of what a client sends
     * over one connection, and of what it gets.
     */
    readonly conversations?: Readonly<Record<string, Conversation>>;
  };
}

export interface Conversation {
  readonly ask: string;
  readonly answer: string;
}
