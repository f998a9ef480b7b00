// One configuration of elfstatsd, as it was written and as the oracle takes it.
import type { OracleSettings } from "./elfstats-oracle.ts";

const format = String.raw`%h %l %u %t \"%r\" %>s %B \"%{Referer}i\" \"%{User-Agent}i\" %{LB}n %I %O %D`;

/** A settings.py with every kind of rule. */
export const settingsText = String.raw`import re
ELF_FORMAT = r'${format}'
DATA_FILES = [('/access.log', '', '/report')]
INTERVAL = 300
STALLED_CALL_THRESHOLD = 900
VALID_REQUESTS = [
    re.compile(r'^/(?P<group>[\w.-]+)/(?P<method>[\w.-]+)/[/?%&]?'),
    re.compile(r'^/(?P<method>[\w.]+)/[/?%&]?'),
]
REQUESTS_TO_SKIP = [re.compile(r'^/ping'), re.compile(r'\.(png|css)$')]
REQUESTS_AGGREGATION = [
    ('', '', re.compile(r'^/user')),
    ('users', 'orders', re.compile(r'^/user/\d+/orders')),
    ('', 'user', re.compile(r'^/user/\d+')),
    ('static', '', re.compile(r'^/static')),
]
PATTERNS_TO_EXTRACT = [
    {'name': 'never', 'patterns': [re.compile(r'nowhere(?P<pattern>x)')]},
    {'name': 'Uid', 'patterns': [re.compile(r'UID=(?P<pattern>\w+)'), re.compile(r'uid=(?P<pattern>\w+)')]},
    {'name': 'also', 'patterns': [re.compile(r'(?P<pattern>\?)')]},
]
FORBIDDEN_SYMBOLS = re.compile(r'[.-]')
RESPONSE_CODES = [200, 404, 503]
LATENCY_PERCENTILES = [99, 50, 90, 0, 100, 37]
`;

/** The same, for the oracle. */
export const settings: OracleSettings = {
  format,
  valid: [/^\/(?<group>[\w.-]+)\/(?<method>[\w.-]+)\/[/?%&]?/, /^\/(?<method>[\w.]+)\/[/?%&]?/],
  skip: [/^\/ping/, /\.(png|css)$/],
  aggregation: [
    ["", "", /^\/user/],
    ["users", "orders", /^\/user\/\d+\/orders/],
    ["", "user", /^\/user\/\d+/],
    ["static", "", /^\/static/],
  ],
  patterns: [
    { name: "never", patterns: [/nowhere(?<pattern>x)/] },
    { name: "Uid", patterns: [/UID=(?<pattern>\w+)/, /uid=(?<pattern>\w+)/] },
    { name: "also", patterns: [/(?<pattern>\?)/] },
  ],
  forbidden: /[.-]/g,
  codes: [200, 404, 503],
  percentiles: [0, 37, 50, 90, 99, 100],
  stalledMs: 900,
  inMilliseconds: false,
};
