import type { Engine } from "../engine/engine.ts";
import type { Environment } from "../engine/environment.ts";

/** What routes work with. */
export interface Hub {
  readonly engine: Engine;
  readonly environment: Environment;
  readonly version: string;
  /** The whole API in the OpenAPI format. */
  readonly describeApi: () => { readonly openapi: string; readonly [key: string]: unknown };
}
