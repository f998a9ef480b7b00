import type { Output } from "../core/component.ts";
import { elfstatsReport } from "./elfstats-report.ts";
import { gelf } from "./gelf.ts";
import { graphite } from "./graphite.ts";
import { httpmonitor } from "./httpmonitor.ts";
import { influx } from "./influx.ts";
import { jsonFile } from "./json-file.ts";
import { logFile } from "./log-file.ts";
import { munin } from "./munin.ts";
import { nats } from "./nats.ts";
import { otlp } from "./otlp.ts";
import { prometheus } from "./prometheus.ts";
import { prtg } from "./prtg.ts";
import { remoteWrite } from "./remote-write.ts";
import { statsd } from "./statsd.ts";
import { stdout } from "./stdout.ts";
import { syslog } from "./syslog.ts";
import { webhook } from "./webhook.ts";

/** Every output, in alphabetical order. test/contracts/outputs.test.ts fails when one is missing. */
export const outputs: readonly Output[] = [
  elfstatsReport,
  gelf,
  graphite,
  httpmonitor,
  influx,
  jsonFile,
  logFile,
  munin,
  nats,
  otlp,
  prometheus,
  prtg,
  remoteWrite,
  statsd,
  stdout,
  syslog,
  webhook,
];
