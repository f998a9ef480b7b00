import type { Context } from "../core/component.ts";
import type { Environment } from "./environment.ts";

/** What a component may touch, cut out of the environment. */
export function createContext(
  environment: Environment,
  signal: AbortSignal,
  report: (problem: string | undefined) => void,
): Context {
  const { clock, fetch, files, network, print } = environment;
  return {
    signal,
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms) => clock.sleep(ms, signal),
    fetch,
    files,
    network,
    print,
    report,
  };
}
