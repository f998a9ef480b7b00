import type { Engine } from "../engine/engine.ts";
import type { Environment } from "../engine/environment.ts";

/** What routes work with. */
export interface Hub {
  readonly engine: Engine;
  readonly environment: Environment;
  readonly version: string;
}
