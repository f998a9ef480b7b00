// The report as one page that needs nothing else: to be mailed, kept and opened anywhere.

import type { Report } from "./report.ts";
import { toFacts, toTitle } from "./render/head-block.ts";
import { markup, type Html } from "./render/html.ts";
import {
  type HtmlOptions,
  toCharts,
  toGroupSection,
  toLineSection,
  toStatusSection,
  toTopSections,
} from "./render/html-sections.ts";
import { htmlStyle } from "./render/html-style.ts";
import { toSpanText } from "./render/quantities.ts";

/** Nothing may be loaded, and nothing runs. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

/** A whole HTML document. All that comes from the log is escaped. */
export function toReportHtml(report: Report, options: HtmlOptions): string {
  const title = toTitle(report);
  const facts = toFacts(report, options.instants).map(
    ([value, what, style]) =>
      markup`<div><b class="${style ?? ""}">${value}</b><span>${what}</span></div>`,
  );
  const body =
    report.requests === 0
      ? []
      : [
          toCharts(report, options),
          toGroupSection(report, options),
          toTopSections(report, options),
          toStatusSection(report),
        ];
  const head = markup`<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>${{ html: htmlStyle }}</style>`;
  const main = markup`<h1>${title}</h1>${toSpan(report, options)}<div class="facts">${facts}</div>
${body}${toLineSection(report)}<footer>Watchpost ${options.version}</footer>`;
  const page = markup`<!doctype html>
<html lang="en"><head>${head}</head><body><main>${main}</main></body></html>
`;
  return page.html;
}

function toSpan({ from, to }: Report, { instants }: HtmlOptions): Html {
  if (from === null || to === null) {
    return markup`<p>No requests.</p>`;
  }
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return markup`<p>${instants.full(from)} to ${instants.full(to)} ${instants.zone} (${toSpanText(seconds)})</p>`;
}
