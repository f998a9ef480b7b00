import { z } from "zod";
import { defineSource, type SourceContext } from "../core/component.ts";
import type { Address, TlsOptions } from "../core/network.ts";
import { oneOrMore, secret, size } from "../core/options.ts";
import { loadTls, tlsFiles } from "../core/tls-files.ts";
import { askMaster } from "../haproxy/ask-master.ts";
import { askSocket } from "../haproxy/ask-socket.ts";
import { askUrl } from "../haproxy/ask-url.ts";
import { type Dump, isContinuation } from "../haproxy/count-since.ts";
import { haproxyMetrics, pollHaproxy } from "../haproxy/poll.ts";
import type { Position } from "../haproxy/position.ts";
import { examples } from "./_haproxy-examples.ts";

const options = z
  .strictObject({
    url: z
      .url({
        protocol: /^https?$/,
        error: "is not an address that starts with http:// or https://",
      })
      .refine((url) => URL.parse(url)?.username === "", "must not contain a user name or password")
      .optional()
      .describe("Address of the statistics as CSV: the page's, with `;csv` behind it."),
    socket: address()
      .optional()
      .describe("Run-time socket instead: its path, or host:port. `level user` is enough."),
    master: address()
      .optional()
      .describe(
        "Master socket instead (`haproxy -W -S PATH`): it also answers for workers that a reload has left behind.",
      ),
    username: z.string().min(1).optional().describe("User for basic authentication."),
    password: secret().optional().describe("Password for basic authentication."),
    tls: tlsFiles.optional().describe("For https with authorities or a certificate of your own."),
    include: oneOrMore(z.string().min(1))
      .prefault([])
      .describe("Proxies to watch, all when empty; `*` stands for any characters."),
    exclude: oneOrMore(z.string().min(1))
      .prefault([])
      .describe("Proxies to leave out, also of those in `include`; `*` as there."),
    legacyRate: z
      .boolean()
      .default(false)
      .describe(
        "Reports as `haproxy_sessions` of backends the sessions that began in the last second, " +
          "as haproxysessionmon did, instead of those that are open.",
      ),
    limit: size().prefault("64 MiB").describe("Longer answers are refused."),
  })
  .superRefine((given, context) => {
    const ways = [given.url, given.socket, given.master].filter((way) => way !== undefined);
    const add = (path: string, message: string): void =>
      context.addIssue({ code: "custom", path: [path], message });
    if (ways.length !== 1) {
      add("url", "has to be given, or else one of socket and master; exactly one of the three");
    }
    if ((given.username === undefined) !== (given.password === undefined)) {
      add("password", "and username belong together; give both or neither");
    }
    if (given.url === undefined && given.username !== undefined) {
      add("username", "is for url alone; sockets know no users");
    }
    if (given.tls !== undefined && given.url?.startsWith("https:") !== true) {
      add("tls", "is for an url that starts with https:// alone");
    }
  });

type HaproxyOptions = z.output<typeof options>;

export const haproxy = defineSource({
  name: "haproxy",
  summary: "Asks HAProxy for its statistics and measures proxies, servers and the process.",
  every: "10s",
  options,
  target: toTarget,
  metrics: haproxyMetrics,
  examples,

  async observe(given, context) {
    // Before anything is asked: a certificate that is missing must not pass for a HAProxy that is.
    const ownTls = given.tls && (await loadTls(given.tls, context.files));
    const { url, socket, master, include, exclude, legacyRate } = given;
    return pollHaproxy(
      {
        question: JSON.stringify({ url, socket, master, include, exclude }),
        address: toTarget(given),
        isMaster: master !== undefined,
        legacyRate,
        ask: (before) => ask({ ...given, tls: ownTls }, before, context),
      },
      context,
    );
  },
});

function toTarget({ url, socket, master }: HaproxyOptions): string {
  return url ?? socket?.text ?? master?.text ?? "";
}

async function ask(
  given: Omit<HaproxyOptions, "tls"> & { readonly tls: TlsOptions | undefined },
  before: Position | undefined,
  context: SourceContext,
): Promise<readonly Dump[]> {
  const { url, socket, master, username, password, limit } = given;
  const selection = { isWanted: createSelection(given), sizeBytesMax: limit };
  if (master !== undefined) {
    return askMaster(master.address, selection, context);
  }
  if (socket !== undefined) {
    return [await askSocket(socket.address, selection, context)];
  }
  const credentials =
    username === undefined || password === undefined
      ? {}
      : { credentials: { username, password: password.reveal() } };
  const question = {
    ...selection,
    ...credentials,
    url: url ?? "",
    ...(given.tls === undefined ? {} : { tls: given.tls }),
    isExpected: (dump: Dump) => isContinuation(before, dump),
  };
  return [await askUrl(question, context)];
}

/** Rows come proxy by proxy, so that the last verdict nearly always holds. */
function createSelection({
  include,
  exclude,
}: Pick<HaproxyOptions, "include" | "exclude">): (proxy: string) => boolean {
  const included = include.length === 0 ? /^/ : toPattern(include);
  const excluded = toPattern(exclude);
  let last: { readonly proxy: string; readonly isWanted: boolean } | undefined;
  return (proxy) => {
    if (last?.proxy !== proxy) {
      last = { proxy, isWanted: included.test(proxy) && !excluded.test(proxy) };
    }
    return last.isWanted;
  };
}

/** An empty list matches nothing. */
function toPattern(globs: readonly string[]): RegExp {
  const alternatives = globs.map((glob) => RegExp.escape(glob).replaceAll("\\*", ".*"));
  return new RegExp(`^(?:${alternatives.join("|") || "(?!)"})$`, "s");
}

interface SocketAddress {
  /** As it was written. */
  readonly text: string;
  readonly address: Address;
}

/** "/run/haproxy/admin.sock", "lb.example:9999" or "[::1]:9999". */
function address(): z.ZodPipe<z.ZodString, z.ZodTransform<SocketAddress, string>> {
  const help = "is not a socket; write an absolute path such as /run/haproxy.sock, or host:port";
  return z.string().transform((text, context) => {
    if (text.startsWith("/")) {
      return { text, address: { path: text } };
    }
    const [, bracketed, plain = bracketed, port] =
      /^(?:\[([^\]]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(text) ?? [];
    const number = Number(port);
    if (plain === undefined || !(number >= 1 && number <= 65_535)) {
      context.addIssue({ code: "custom", message: help });
      return z.NEVER;
    }
    return { text, address: { host: plain, port: number } };
  });
}
