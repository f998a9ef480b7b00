import type { ServerConfig } from "../config/config.ts";
import type { Engine } from "../engine/engine.ts";
import type { Environment } from "../engine/environment.ts";

/** What routes work with. */
export interface Hub {
  readonly engine: Engine;
  readonly environment: Environment;
  /**
   * Who may ask, as it was when the server began to listen: a reload must not take the token off an address that others
   * can reach.
   */
  readonly server: ServerConfig;
  readonly version: string;
  /** The whole API in the OpenAPI format. */
  readonly describeApi: () => { readonly openapi: string; readonly [key: string]: unknown };
}
