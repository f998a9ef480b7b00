import { OldName, OldPattern, type OldValue } from "./_python-settings.ts";

/** What elfstatsd took for a setting that its file did not have. */
export const elfstatsdDefaults: Readonly<Record<string, OldValue>> = {
  ELF_FORMAT: "",
  INTERVAL: 300,
  STALLED_CALL_THRESHOLD: 100_000,
  DATA_FILES: [],
  VALID_REQUESTS: [],
  REQUESTS_TO_SKIP: [],
  REQUESTS_AGGREGATION: [],
  PATTERNS_TO_EXTRACT: [],
  FORBIDDEN_SYMBOLS: new OldPattern("", ""),
  RESPONSE_CODES: [],
  LATENCY_IN_MILLISECONDS: false,
  LATENCY_PERCENTILES: [],
  LOGGING_LEVEL: new OldName("logging.INFO"),
};

/** Known to elfstatsd, without a meaning here. */
export const elfstatsdOwn: ReadonlySet<string> = new Set([
  "DAEMON_PID_DIR",
  "DAEMON_LOG_DIR",
  "MAX_LOG_FILE_SIZE",
  "MAX_LOG_FILES",
  "TRACEBACK_LENGTH",
]);
