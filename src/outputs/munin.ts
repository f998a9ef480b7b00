import { z } from "zod";
import { createAllowList, networks } from "../config/allow-list.ts";
import { isLoopback, parseListenAddress } from "../config/listen-address.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { defineOutput } from "../core/component.ts";
import type { IncomingConnection } from "../core/network.ts";
import { duration } from "../core/options.ts";
import { toDurationText } from "../core/units.ts";
import { exampleBatch } from "./_example-batch.ts";
import { Masters } from "./_munin-masters.ts";
import { type MuninNodeOptions, createMuninSession, fetchedS, toNewestS } from "./_munin-node.ts";
import { type Point, Spool, type SpoolLimits } from "./_munin-spool.ts";

const addressHelp = "is no address with a port; write 127.0.0.1:4949 or [::1]:4949";

export const munin = defineOutput({
  name: "munin",
  summary: "Answers a Munin master as a node of its own, without plugins.",
  isAsked: true,
  options: z
    .strictObject({
      listen: z
        .string()
        .refine((text) => parseListenAddress(text) !== undefined, addressHelp)
        .default("127.0.0.1:4949")
        .describe("Address and port of the node. Beyond loopback it needs `allow`."),
      allow: networks().describe(
        "IP addresses and networks that may ask, besides this machine itself. Munin has no " +
          "passwords: list your masters only.",
      ),
      name: z
        .string()
        .regex(/^[A-Za-z0-9._-]+$/, "may hold letters, digits, dots and dashes")
        .default("watchpost")
        .describe("What the node calls itself. It answers whatever the master calls it."),
      mode: z
        .enum(["spool", "dirtyconfig", "plain"])
        .default("spool")
        .describe(
          "What the master is offered: all it has missed since its last visit (`spool`), values " +
            "with the configuration (`dirtyconfig`), or neither. Each gives the same graphs; only " +
            "`spool` fills the gap after the master was away.",
        ),
      resolution: duration()
        .refine((ms) => ms >= 10_000 && ms % 10_000 === 0, "must be a multiple of 10s")
        .optional()
        .describe(
          "Step of the graphs, such as `10s`; of a source with a longer interval, that interval. " +
            "Munin's own five minutes when left out. A master keeps the step with which it first " +
            "saw a graph.",
        ),
      keep: duration()
        .default(2 * 3_600_000)
        .describe("How long values wait for a master that does not come."),
      primary: z
        .string()
        .optional()
        .describe(
          "Id of the access log whose graphs are called exactly as those of elfstats-munin; " +
            "those of other logs end in `_` and the source's id.",
        ),
      linesMax: z
        .int()
        .min(1)
        .default(10_000)
        .describe("Numbers kept at any one time; a distribution takes seven. More are left out."),
    })
    .superRefine(({ listen, allow }, context) => {
      const address = parseListenAddress(listen);
      if (address !== undefined && !isLoopback(address.host) && allow.length === 0) {
        const message = "names nobody; list the masters that may ask, or listen on 127.0.0.1";
        context.addIssue({ code: "custom", path: ["allow"], message });
      }
    }),
  examples: [
    {
      title: "Munin's own protocol",
      options: { primary: "shop" },
      batches: [
        exampleBatch,
        { ...exampleBatch, seq: 8, from: exampleBatch.to, to: exampleBatch.to + 10_000 },
      ],
      expect: {
        conversations: {
          "127.0.0.1:4949": {
            ask: [
              "cap multigraph dirtyconfig",
              "list",
              "config elfstatsm_response_codes",
              "fetch watchpost_shop",
              "quit",
              "",
            ].join("\n"),
            answer: [
              "# munin node at watchpost",
              "cap multigraph dirtyconfig spool",
              "elfstatsm_calls elfstatsm_percentiles elfstatsm_response_times elfstatsm_response_codes watchpost_shop",
              "multigraph elfstats_response_codes_2XX",
              "graph_title elfstats - Calls per response codes - 2XX",
              "graph_category elfstats_resp_codes",
              "graph_vlabel Number of calls per 5 min",
              "graph_info Response 2XX code",
              "graph_args --base 1000",
              "_00.label 200",
              "_00.type GAUGE",
              "_00.draw LINE1",
              "_00.info 200",
              "multigraph elfstats_response_codes_2XX",
              "_00.value 1795190410:60",
              "_00.value 1795190420:60",
              ".",
              "multigraph shop_check_up",
              "value.value 1795190410:1",
              "value.value 1795190420:1",
              ".",
              "",
            ].join("\n"),
          },
        },
      },
    },
  ],

  async open(options, { state, network, describe, report }) {
    const { listen, name, mode, resolution, primary } = options;
    const address = parseListenAddress(listen) ?? { host: "127.0.0.1", port: 4949 };
    const { spool, masters } = readState(state, toLimits(options));
    const resolutionS = resolution === undefined ? undefined : resolution / 1000;
    const node = { name, mode, resolutionS, primary, spool, masters, describe };
    const isAllowed = createAllowList(options.allow);
    const listening = await network.listen(
      { ...address, connectionsMax: 32, idleMs: 60_000 },
      async (connection) => {
        if (isAllowed(connection.peer)) {
          await converse(connection, node);
        }
      },
    );
    const keepText = toDurationText(options.keep);
    return {
      async write(batches) {
        batches.forEach((batch) => spool.add(batch));
        const lost = spool.trim(createIsDone(node, options.keep / 1000));
        if (spool.refused > 0) {
          report(`has no room for more than ${options.linesMax} lines; raise linesMax`);
        } else if (lost > 0 && !masters.isEmpty) {
          report(
            `no master has asked for ${keepText} or there is no more room; older values are gone`,
          );
        } else if (lost === 0) {
          report(undefined);
        }
      },
      state: () => writeState(spool, masters),
      [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
    };
  },
});

/** Numbers in the state: with few bytes each, it is written every few seconds. */
const valuesMax = 500_000;
const usualResolutionS = 10;

function toLimits(options: {
  readonly keep: number;
  readonly linesMax: number;
  readonly resolution?: number | undefined;
}): SpoolLimits {
  const { keep, linesMax, resolution } = options;
  const resolutionS = resolution === undefined ? usualResolutionS : resolution / 1000;
  return { resolutionS, keepS: keep / 1000, slotsMax: linesMax, valuesMax };
}

/** Points that every spooling master has, and that `fetch` does not tell of any more. */
function createIsDone(
  { mode, spool, masters }: MuninNodeOptions,
  keepS: number,
): (point: Point) => boolean {
  const newestS = toNewestS(spool);
  const done = mode === "spool" ? (masters.doneSerial(newestS - keepS) ?? 0) : spool.serial;
  return ({ serial, atS }) => serial <= done && atS <= newestS - fetchedS;
}

/** No command is longer. */
const lineCharsMax = 1024;

async function converse(connection: IncomingConnection, node: MuninNodeOptions): Promise<void> {
  const session = createMuninSession(node, connection.peer);
  await connection.write(session.greeting);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of connection.chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const answer = session.answer(line);
      if (answer === undefined) {
        return;
      }
      for (const part of answer) {
        await connection.write(part);
      }
    }
    if (rest.length > lineCharsMax) {
      return;
    }
  }
}

function writeState(spool: Spool, masters: Masters): Uint8Array {
  const out = new ByteWriter(4096);
  spool.write(out);
  masters.write(out);
  return out.finish();
}

function readState(
  state: Uint8Array | undefined,
  limits: SpoolLimits,
): { readonly spool: Spool; readonly masters: Masters } {
  if (state === undefined) {
    return { spool: new Spool(limits), masters: new Masters() };
  }
  const input = new ByteReader(state);
  const spool = Spool.read(input, limits);
  return { spool, masters: Masters.read(input) };
}
