// A client of a running node's HTTP API, for commands that show what it knows.
import { readFileSync } from "node:fs";
import type { Secret } from "../core/secret.ts";
import { UserError, describeError } from "../core/errors.ts";
import { loadNodeConfig } from "./_node.ts";
import { type Given, type Terminal, textFlag } from "./command.ts";

export interface NodeAddress {
  /** "http://127.0.0.1:8080/" */
  readonly url: string;
  readonly token: string | undefined;
}

/** The secret where this user can read it, else WATCHPOST_TOKEN. */
function findToken(secret: Secret | undefined, { env }: Terminal): string | undefined {
  const fallback = env["WATCHPOST_TOKEN"];
  if (secret === undefined) {
    return undefined;
  }
  if ("env" in secret.place) {
    return env[secret.place.env] ?? fallback;
  }
  try {
    return readFileSync(secret.place.file, "utf8").split("\n", 1)[0];
  } catch {
    return fallback;
  }
}

const answerMaxMs = 30_000;

/** The node of `--url`, else of the configuration file. */
export async function findNode(given: Given, terminal: Terminal): Promise<NodeAddress> {
  const url = textFlag(given, "url");
  if (url !== undefined) {
    const token = terminal.env["WATCHPOST_TOKEN"];
    const whole = /^https?:\/\//.test(url) ? url : `http://${url}`;
    return { url: whole.endsWith("/") ? whole : `${whole}/`, token };
  }
  const file = textFlag(given, "config") ?? "watchpost.yml";
  const { server } = await loadNodeConfig(file, terminal, "leave");
  const { host, port } = server.listen;
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${port}/`, token: findToken(server.token, terminal) };
}

/**
 * The answer of `GET /api/v1/<resource>`; empty parameters are left out. Throws UserError with the node's own words when
 * it refuses, and with what to do when nobody answers.
 */
export async function askNode(
  { url, token }: NodeAddress,
  resource: string,
  parameters: Readonly<Record<string, string>>,
): Promise<unknown> {
  const given = Object.entries(parameters).filter(([, value]) => value !== "");
  const search = new URLSearchParams(given).toString();
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(answerMaxMs);
  const response = await fetch(`${url}api/v1/${resource}?${search}`, { headers, signal }).catch(
    (error: unknown) => {
      const reason = describeError(error);
      throw new UserError(
        "NODE_UNREACHABLE",
        `no node answers at ${url} (${reason}); is it running?`,
      );
    },
  );
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new UserError(
      "REQUEST_INVALID",
      `${url} says: ${toDetail(answer) ?? response.statusText}`,
    );
  }
  return answer;
}

function toDetail(answer: unknown): string | undefined {
  return typeof answer === "object" && answer !== null && "detail" in answer
    ? String(answer.detail)
    : undefined;
}
