import { resolve } from "node:path";
import { describeError } from "../core/errors.ts";
import type { SecretPlace } from "../core/secret.ts";
import type { Config } from "./config.ts";
import { findSecrets } from "./_find-secrets.ts";
import { quoteKey, type Finding } from "./_findings.ts";

const tokenLengthMin = 16;

/** Where values of secrets come from. */
export interface SecretWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rejects with Node's error codes. Gets absolute paths. */
  readFile(path: string): Promise<string>;
}

/** Gives every secret its value, and tells of those that have none. */
export async function resolveSecrets(
  config: Config<unknown>,
  world: SecretWorld,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { path, secret } of findSecrets(config)) {
    const value = await readSecret(secret.place, config.folder, world);
    const isToken = secret === config.server.token;
    const problem =
      "problem" in value ? value.problem : isToken ? describeShortToken(value.text) : undefined;
    if (problem !== undefined) {
      const place = "env" in secret.place ? "env" : "file";
      findings.push({ path: [...path, place], code: "secret", message: problem });
    } else if ("text" in value) {
      secret.resolve(value.text);
    }
  }
  return findings;
}

/** Whoever can reach the port may try as many tokens as the network carries. */
function describeShortToken(token: string): string | undefined {
  return token.length < tokenLengthMin
    ? `the token is shorter than ${tokenLengthMin} characters and could be guessed; set a longer one, such as what \`openssl rand -hex 16\` prints`
    : undefined;
}

type Reading = { readonly text: string } | { readonly problem: string };

async function readSecret(
  place: SecretPlace,
  folder: string,
  world: SecretWorld,
): Promise<Reading> {
  return "env" in place
    ? readVariable(place.env, world.env)
    : readSecretFile(resolve(folder, place.file), world);
}

function readVariable(name: string, env: SecretWorld["env"]): Reading {
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  if (text === undefined) {
    return {
      problem: `the environment variable ${quoteKey(name)} is not set; set it before starting`,
    };
  }
  return text === ""
    ? { problem: `the environment variable ${quoteKey(name)} is empty; set it to the secret` }
    : { text };
}

async function readSecretFile(path: string, world: SecretWorld): Promise<Reading> {
  let content: string;
  try {
    content = await world.readFile(path);
  } catch (error) {
    return { problem: describeReadError(error, path) };
  }
  const [text = ""] = content.replace(/^\uFEFF/, "").split(/\r?\n/, 1);
  return text === ""
    ? { problem: `the first line of ${path} is empty; write the secret there, alone on the line` }
    : { text };
}

/** "/etc/watchpost.yml does not exist; …", without the words of the system call. */
export function describeReadError(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return `${path} does not exist; create it, or name another file`;
    case "EACCES":
    case "EPERM":
      return `${path} may not be read by this user; change its owner or mode`;
    case "EISDIR":
      return `${path} is a folder; name a file`;
    default:
      return `${path} cannot be read: ${describeError(error)}`;
  }
}
