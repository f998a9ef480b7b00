import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Incident } from "./api.ts";
import { announce, incidentsMax, mergeIncidents, upsertIncident } from "./incidents.ts";

function at(minute: number): string {
  return new Date(minute * 60_000).toISOString();
}

function incident(id: string, openedMinute: number, clearedMinute?: number): Incident {
  return {
    id,
    rule: "high-traffic",
    source: "shop",
    service: "",
    labels: {},
    metric: "http_requests_total",
    openedAt: at(openedMinute),
    clearedAt: clearedMinute === undefined ? null : at(clearedMinute),
    clearReason: clearedMinute === undefined ? null : "recovered",
    value: 42,
    worst: 57,
    last: 42,
    condition: "above 30/s",
    summary: "requests 42/s over 10s, above 30/s",
  };
}

function ids(list: readonly Incident[]): string[] {
  return list.map(({ id }) => id);
}

suite("incidents", () => {
  test("a change replaces the incident of its id, and the newest comes first", () => {
    const list = upsertIncident(upsertIncident([], incident("a", 1)), incident("b", 2));
    assert.deepEqual(ids(list), ["b", "a"]);
    const cleared = upsertIncident(list, incident("a", 1, 3));
    assert.deepEqual(ids(cleared), ["b", "a"]);
    assert.notEqual(cleared[1]?.clearedAt, null);
  });

  test("the list is bounded, and loses its oldest", () => {
    let list: readonly Incident[] = [];
    for (let minute = 0; minute <= incidentsMax; minute++) {
      list = upsertIncident(list, incident(`i${minute}`, minute));
    }
    assert.equal(list.length, incidentsMax);
    assert.equal(list.at(-1)?.id, "i1");
  });

  test("a snapshot forgets what the server no longer has", () => {
    assert.deepEqual(ids(mergeIncidents([incident("old", 1)], [incident("new", 5)])), ["new"]);
    assert.deepEqual(mergeIncidents([incident("old", 1)], []), []);
  });

  test("a snapshot that is older than an event does not undo it", () => {
    const known = [incident("opened-since", 9), incident("cleared-since", 5, 8)];
    const merged = mergeIncidents(known, [incident("cleared-since", 5), incident("other", 4)]);
    assert.deepEqual(ids(merged), ["opened-since", "cleared-since", "other"]);
    assert.notEqual(merged[1]?.clearedAt, null);
  });

  test("openings and clearings are announced once, and changes of numbers never", () => {
    const open = incident("a", 1);
    const cleared = incident("a", 1, 2);
    assert.match(announce([], open) ?? "", /^Incident opened: high-traffic on shop\. requests 42/);
    assert.equal(announce([open], { ...open, value: 50 }), undefined);
    assert.equal(announce([open], cleared), "Incident cleared: high-traffic on shop.");
    assert.equal(announce([cleared], cleared), undefined);
  });
});
