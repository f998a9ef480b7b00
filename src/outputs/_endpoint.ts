// An HTTP endpoint that takes measurements: the options that all of these share, and one request to it.
import { z } from "zod";
import type { Context } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import { secret } from "../core/options.ts";
import { loadTls, tlsFiles } from "../core/tls-files.ts";
import { type Refusal, ask, toRefusalError } from "./_post.ts";

export const endpointOptions = {
  username: z.string().min(1).optional().describe("For basic authentication, with `password`."),
  password: secret().optional().describe("For basic authentication, with `username`."),
  bearer: secret().optional().describe("Token for bearer authentication, instead of a password."),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/, "is not a header's name"), z.string())
    .default({})
    .describe("Further headers, such as `X-Scope-OrgID: team`. Secrets do not belong here."),
  tls: tlsFiles.optional().describe("How to trust and be trusted, with https."),
};

const options = z.object(endpointOptions);

export type EndpointOptions = z.output<typeof options>;

/** What is wrong with a combination of them; undefined when nothing is. */
export function findEndpointConflict(given: EndpointOptions): string | undefined {
  if ((given.username === undefined) !== (given.password === undefined)) {
    return "has a username without a password, or a password without a username; name both";
  }
  return given.bearer !== undefined && given.username !== undefined
    ? "has both a bearer token and a password; leave one of them out"
    : undefined;
}

export interface EndpointRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly isGzipped?: boolean;
  readonly signal: AbortSignal;
}

/** `body` is the start of what was answered. */
export type EndpointAnswer = {
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
} & ({ readonly isTaken: true } | Refusal);

/** What is read of an answer. */
const answerBytesMax = 64 * 1024;

/** Sends one request. Rejects when there is no answer. */
export async function askEndpoint(
  { url, headers, body, isGzipped = false, signal }: EndpointRequest,
  given: EndpointOptions,
  context: Context,
): Promise<EndpointAnswer> {
  let answered = new Headers();
  let content = new Uint8Array();
  const fetch: Context["fetch"] = async (address, init) => {
    const response = await context.fetch(address, init);
    const { status, statusText } = response;
    answered = response.headers;
    content = await readStart(response);
    const kept = content.length === 0 ? null : content;
    return new Response(kept, { status, statusText, headers: answered });
  };
  const tls = given.tls && (await loadTls(given.tls, context.files));
  const answer = await ask(
    {
      url,
      headers: { ...given.headers, ...headers, ...toAuthorization(given) },
      body,
      isGzipped,
      tls,
      signal,
    },
    { fetch, now: context.now },
  );
  return { ...answer, headers: answered, body: content };
}

function toAuthorization({ username, password, bearer }: EndpointOptions): {
  readonly authorization?: string;
} {
  if (bearer !== undefined) {
    return { authorization: `Bearer ${bearer.reveal()}` };
  }
  if (username === undefined || password === undefined) {
    return {};
  }
  const pair = Buffer.from(`${username}:${password.reveal()}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

async function readStart(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop lets go of the rest.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > answerBytesMax) {
      break;
    }
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Whether the same request would be refused again, whatever is mended. */
export function isRefusedForGood(refusal: Refusal): boolean {
  return toRefusalError(refusal) instanceof Permanent;
}

/** What to throw so that the engine tries again, when the receiver wants that. */
export function toRetry({ problem, retryAfterMs }: Refusal): Error {
  return retryAfterMs === undefined ? new Error(problem) : new RetryLater(problem, retryAfterMs);
}
