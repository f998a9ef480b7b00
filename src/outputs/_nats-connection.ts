// One connection to a server of NATS, once it has introduced itself.
import { randomUUID } from "node:crypto";
import { Permanent } from "../core/errors.ts";
import type { Connection } from "../core/network.ts";
import type { Secret } from "../core/secret.ts";
import type { TlsFiles } from "../core/tls-files.ts";
import { toSizeText } from "../core/units.ts";
import { readPublishAnswer } from "./_nats-answer.ts";
import { type NatsInfo, type NatsMessage, type NatsWord, toPublish } from "./_nats-protocol.ts";

export interface NatsOptions {
  /** `host:port` of the servers of one cluster. */
  readonly servers: readonly string[];
  /** Undefined: only when the server asks for it. */
  readonly tls?: TlsFiles | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Waits until a stream has stored each message. */
  readonly jetstream: boolean;
}

export interface NatsParts {
  readonly options: NatsOptions;
  readonly place: string;
  readonly info: NatsInfo;
  readonly connection: Connection;
  readonly parse: (bytes: Uint8Array) => readonly NatsWord[];
}

type Answer = Extract<NatsWord, { readonly kind: "message" | "status" }>;

/** Kept until it breaks; answers the pings of the server. */
export class NatsConnection implements AsyncDisposable {
  readonly #parts: NatsParts;
  readonly #inbox = `_INBOX.${randomUUID()}`;
  /** Who waits for a PONG, in the order of their PINGs. */
  readonly #pongs: PromiseWithResolvers<void>[] = [];
  /** Who waits for a stream's answer, by its subject. */
  readonly #answers = new Map<string, PromiseWithResolvers<Answer>>();
  #failure: Error | undefined;
  #published = 0;

  constructor(parts: NatsParts) {
    this.#parts = parts;
    void this.#listen();
  }

  /** It has broken, or was ended by the server. */
  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  async greet(): Promise<void> {
    const { options: own, info } = this.#parts;
    const options = {
      verbose: false,
      pedantic: false,
      tls_required: own.tls !== undefined || info.tls_required,
      name: "watchpost",
      lang: "node",
      version: "1",
      protocol: 1,
      headers: true,
      no_responders: true,
      ...(own.username !== undefined && { user: own.username }),
      ...(own.password !== undefined && { pass: own.password.reveal() }),
      ...(own.token !== undefined && { auth_token: own.token.reveal() }),
    };
    const subscription = own.jetstream ? `SUB ${this.#inbox}.* 1\r\n` : "";
    await this.#flush(`CONNECT ${JSON.stringify(options)}\r\n${subscription}`, []);
  }

  /** Resolves when the server has taken all of them, or with jetstream when a stream has stored them. */
  async publish(messages: readonly NatsMessage[]): Promise<void> {
    const { options, info, place } = this.#parts;
    const tooLong = messages.find(({ payload }) => Buffer.byteLength(payload) > info.max_payload);
    if (tooLong !== undefined) {
      const limit = toSizeText(info.max_payload);
      throw new Permanent(`${place} takes no message of more than ${limit}; raise its max_payload`);
    }
    const replies = messages.map(() =>
      options.jetstream ? `${this.#inbox}.${++this.#published}` : undefined,
    );
    const text = messages.map((message, i) => toPublish(message, info, replies[i])).join("");
    const answers = await this.#flush(
      text,
      replies.filter((reply) => reply !== undefined),
    );
    answers.forEach((answer, i) => readPublishAnswer(answer, messages[i]?.subject ?? "", place));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error("the connection was closed"));
    await this.#parts.connection[Symbol.asyncDispose]();
  }

  /** What comes back in order: our PING is answered when everything before it was taken. */
  async #flush(text: string, replies: readonly string[]): Promise<readonly Answer[]> {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    const pong = Promise.withResolvers<void>();
    this.#pongs.push(pong);
    const answers = replies.map((reply) => {
      const answer = Promise.withResolvers<Answer>();
      this.#answers.set(reply, answer);
      return answer.promise;
    });
    const written = this.#parts.connection.write(`${text}PING\r\n`);
    const [all] = await Promise.all([Promise.all(answers), pong.promise, written]);
    return all;
  }

  async #listen(): Promise<void> {
    const { connection, parse, place } = this.#parts;
    try {
      for await (const chunk of connection.chunks) {
        parse(chunk).forEach((word) => this.#hear(word));
      }
      this.#fail(new Error(`${place} closed the connection`));
    } catch (error) {
      this.#fail(new Error(place, { cause: error }));
    }
  }

  #hear(word: NatsWord): void {
    switch (word.kind) {
      case "ping":
        void this.#answerPing();
        break;
      case "pong":
        this.#pongs.shift()?.resolve();
        break;
      case "error":
        this.#fail(new Error(`${this.#parts.place} says: ${word.text}`));
        break;
      case "message":
      case "status":
        this.#answers.get(word.subject)?.resolve(word);
        this.#answers.delete(word.subject);
        break;
      case "info":
        break;
    }
  }

  async #answerPing(): Promise<void> {
    try {
      await this.#parts.connection.write("PONG\r\n");
    } catch {
      // Whoever writes next hears of it.
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#pongs.splice(0).forEach(({ reject }) => reject(error));
    this.#answers.forEach(({ reject }) => reject(error));
    this.#answers.clear();
  }
}
