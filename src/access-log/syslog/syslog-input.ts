// Syslog messages as a way in for lines: a listener for datagrams and connections.
//
// A TCP sender is made to wait while there is no room: it knows better what to do about it. A
// datagram cannot wait: what finds no room is dropped and counted, here and by the operating system.
// Nothing can be read again: what had come when the process ended, and was in no window that had
// closed, is gone.

import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { createAllowList } from "../../config/allow-list.ts";
import { describeError } from "../../core/errors.ts";
import type {
  DatagramReceiver,
  IncomingConnection,
  Listening,
  Network,
} from "../../core/network.ts";
import type { Event, Sample } from "../../core/sample.ts";
import type { LineInput, Look } from "../follow/line-input.ts";
import { lineStateSchema } from "../line-counter.ts";
import { FrameDecoder, messageBytesMax } from "./frame-decoder.ts";
import { LineBlocks } from "./line-blocks.ts";
import { parseSyslogMessage } from "./parse-syslog-message.ts";
import type { SyslogAddress } from "./parse-syslog-address.ts";
import { SyslogCounts } from "./syslog-counts.ts";
import { SyslogStream } from "./_syslog-stream.ts";

export interface SyslogOptions {
  readonly listen: readonly SyslogAddress[];
  /** Messages of other programs are left out; undefined: all are taken. */
  readonly programs: readonly string[] | undefined;
  /** Addresses and networks that may send, besides this machine itself. */
  readonly allow: readonly string[];
}

/** Another way in has another one. */
const positionSchema = z.strictObject({ syslog: lineStateSchema });
type SyslogPosition = z.output<typeof positionSchema>;

/** What waits to be counted: 16 MiB, and the block that is being filled. */
const blocksMaxDefault = 64;
/** More of them, and looking again is worth it at once. */
const wakeBlocks = 8;
const pauseMs = 250;
const retryMs = 1000;
const lossIntervalMs = 1000;
/** Asked of the operating system, which gives at most its net.core.rmem_max. */
const bufferBytes = 8 * 1024 * 1024;
const connectionsMax = 64;
/** Of HAProxy's notice that it had to drop messages. */
const noticeBytesMax = 40;
/** A quiet night is no reason to close; who vanished is found by TCP's own keep-alive. */
const idleMs = 24 * 3_600_000;

export class SyslogInput implements LineInput {
  readonly #options: SyslogOptions;
  readonly #network: Network;
  readonly #isAllowed: (peer: string) => boolean;
  readonly #blocks: LineBlocks;
  readonly #stream: SyslogStream;
  readonly #counts = new SyslogCounts();
  readonly #closing = new AsyncDisposableStack();
  /** By address as it is written in the configuration. */
  readonly #open = new Map<SyslogAddress, Listening | DatagramReceiver>();
  readonly #receivers: { readonly receiver: DatagramReceiver; lost: number }[] = [];
  readonly #problems = new Map<SyslogAddress, string>();
  #tryAtMs = -Infinity;
  #askLossAtMs = -Infinity;
  #isFirst = true;
  #changed = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  /** `saved`: the position of an earlier life. `blocksMax`: how many blocks of 256 KiB may wait. */
  constructor(
    options: SyslogOptions,
    network: Network,
    saved?: unknown,
    blocksMax = blocksMaxDefault,
  ) {
    this.#options = options;
    this.#network = network;
    this.#isAllowed = createAllowList(options.allow);
    this.#blocks = new LineBlocks(blocksMax);
    const state = positionSchema.safeParse(saved).data?.syslog;
    this.#stream = new SyslogStream(this.#blocks, { state, taken: () => this.#tellRoom() });
  }

  /** Nothing can be read again; what the lines have said still holds for those that come. */
  get position(): SyslogPosition {
    return { syslog: this.#stream.state ?? {} };
  }

  get problem(): string | undefined {
    return this.#problems.size === 0 ? undefined : [...this.#problems.values()].join("; ");
  }

  get isBlind(): boolean {
    return this.#open.size === 0;
  }

  async look(nowMs: number): Promise<Look> {
    await this.#openMissing(nowMs);
    await this.#askLoss(nowMs);
    this.#counts.addDropped("no_room", this.#blocks.takeRefused());
    const hasLines = this.#stream.advance();
    if (hasLines) {
      // Sockets are read between two blocks, however many wait: the system holds little.
      await nextTurn();
    }
    // What was sent before anybody listened is missing from the first window.
    const isPartial = this.#counts.takeLoss() || this.#isFirst || this.#problems.size > 0;
    this.#isFirst = false;
    return {
      stream: hasLines ? this.#stream : undefined,
      othersMs: Infinity,
      isAtEnd: this.#blocks.isEmpty,
      isPartial,
      pauseMs: hasLines ? 0 : pauseMs,
    };
  }

  takeEvents(): Event[] {
    return [];
  }

  takeSamples(): Sample[] {
    return this.#counts.takeSamples(
      new Set(this.#options.listen.map(({ transport }) => transport)),
    );
  }

  changed(): Promise<void> {
    this.#changed = Promise.withResolvers();
    this.#tellChanged();
    return this.#changed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
    this.#tellRoom();
  }

  async #openMissing(nowMs: number): Promise<void> {
    if (this.#open.size === this.#options.listen.length || nowMs < this.#tryAtMs) {
      return;
    }
    this.#tryAtMs = nowMs + retryMs;
    for (const address of this.#options.listen) {
      if (!this.#open.has(address)) {
        await this.#tryOpen(address);
      }
    }
  }

  async #tryOpen(address: SyslogAddress): Promise<void> {
    try {
      const opened = this.#closing.use(
        await (address.transport === "udp" ? this.#receive(address) : this.#listen(address)),
      );
      this.#open.set(address, opened);
      this.#problems.delete(address);
    } catch (error) {
      const { transport, host, port } = address;
      const place = `${transport}://${host.includes(":") ? `[${host}]` : host}:${port}`;
      const problem = `cannot listen on ${place}: ${describeError(error)}; trying again`;
      this.#problems.set(address, problem);
    }
  }

  async #receive({ host, port }: SyslogAddress): Promise<DatagramReceiver> {
    const receiver = await this.#network.receiveDatagrams(
      { host, port, bufferBytes },
      (bytes, peer) => {
        this.#counts.addMessage("udp");
        if (this.#isAllowed(peer)) {
          this.#take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
        } else {
          this.#counts.addDropped("not_allowed", 1);
        }
      },
    );
    this.#receivers.push({ receiver, lost: 0 });
    return receiver;
  }

  #listen({ host, port }: SyslogAddress): Promise<Listening> {
    const refused = (): void => this.#counts.addRefused("too_many");
    return this.#network.listen({ host, port, connectionsMax, idleMs, refused }, (connection) =>
      this.#serve(connection),
    );
  }

  async #serve(connection: IncomingConnection): Promise<void> {
    if (!this.#isAllowed(connection.peer)) {
      this.#counts.addRefused("not_allowed");
      return;
    }
    this.#counts.connections++;
    const decoder = new FrameDecoder();
    try {
      for await (const chunk of connection.chunks) {
        for (const message of decoder.read(chunk)) {
          await this.#takeWhenRoom(message);
        }
        // Not only at the end: a sender stays connected for weeks.
        this.#counts.addDropped("too_long", decoder.takeTooLong());
        if (decoder.isBroken) {
          break;
        }
      }
      const last = decoder.finish();
      await (last && this.#takeWhenRoom(last));
    } catch (error) {
      decoder.breakOff();
      throw error;
    } finally {
      this.#counts.connections--;
      this.#counts.addDropped("malformed", decoder.isBroken ? 1 : 0);
    }
  }

  async #takeWhenRoom(message: Buffer): Promise<void> {
    this.#counts.addMessage("tcp");
    while (!this.#blocks.hasRoom && !this.#closing.disposed) {
      await this.#room.promise;
    }
    this.#take(message);
  }

  #take(message: Buffer): void {
    const { program, at } = parseSyslogMessage(message);
    const { programs } = this.#options;
    if (programs !== undefined && !programs.includes(program ?? "")) {
      this.#counts.addDropped("program", 1);
      return;
    }
    const line = message.subarray(at, lineEnd(message, at));
    const lostBySender = line.length > noticeBytesMax ? 0 : readDropNotice(line);
    if (lostBySender > 0) {
      this.#counts.addDropped("sender", lostBySender);
    } else if (line.length > messageBytesMax) {
      this.#counts.addDropped("too_long", 1);
    } else if (line.length > 0) {
      this.#blocks.add(line);
      this.#tellChanged();
    }
  }

  async #askLoss(nowMs: number): Promise<void> {
    if (nowMs < this.#askLossAtMs) {
      return;
    }
    this.#askLossAtMs = nowMs + lossIntervalMs;
    for (const each of this.#receivers) {
      const lost = (await each.receiver.countLost()) ?? 0;
      this.#counts.addDropped("system", Math.max(0, lost - each.lost));
      each.lost = lost;
    }
  }

  #tellChanged(): void {
    if (this.#blocks.waiting >= wakeBlocks) {
      this.#changed.resolve();
    }
  }

  #tellRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}

/** HAProxy's own message when its ring was full for a while: `280 events dropped`. */
function readDropNotice(line: Buffer): number {
  return Number(/^(\d+) events? dropped$/.exec(line.toString("latin1"))?.[1] ?? 0);
}

/** Without the line feeds, carriage returns and NULs that some senders end a message with. */
function lineEnd(message: Buffer, from: number): number {
  let end = message.length;
  while (end > from && [0x0a, 0x0d, 0x00].includes(message[end - 1] ?? -1)) {
    end--;
  }
  return end;
}
