import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { parseDatePattern } from "./parse-date-pattern.ts";
import { parseStrftime } from "./parse-strftime.ts";
import { readTime, toInstant } from "./read-time.ts";
import { anyTime, clfTime, haproxyTime, isoTime, type TimeLayout } from "./time-layout.ts";
import { createZoneClock, utcClock, type ZoneClock } from "./zone-clock.ts";

function read(text: string, layout: TimeLayout, zone: ZoneClock = utcClock): string | undefined {
  const found = readTime(text, 0, layout);
  const ms = found?.end === text.length ? toInstant(found.components, zone) : undefined;
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

suite("times are read by their layout", () => {
  const cases: readonly (readonly [string, TimeLayout, string | undefined])[] = [
    ["10/Oct/2000:13:55:36 -0700", clfTime, "2000-10-10T20:55:36.000Z"],
    ["29/Feb/2024:23:59:60 +0000", clfTime, "2024-03-01T00:00:00.000Z"],
    ["31/Feb/2024:00:00:00 +0000", clfTime, undefined],
    ["29/Feb/2023:00:00:00 +0000", clfTime, undefined],
    ["00/Jan/2024:00:00:00 +0000", clfTime, undefined],
    ["10/Okt/2000:13:55:36 -0700", clfTime, undefined],
    ["10/Oct/2000:24:00:00 -0700", clfTime, undefined],
    ["10/Oct/2000:13:60:00 -0700", clfTime, undefined],
    ["10/Oct/2000:13:55:36 -9900", clfTime, undefined],
    ["10/Oct/2000:13:55:36", clfTime, undefined],
    ["10/Oct/2000:13:55:36.123", haproxyTime, "2000-10-10T13:55:36.123Z"],
    ["2000-10-10T13:55:36+02:00", isoTime, "2000-10-10T11:55:36.000Z"],
    ["2000-10-10T13:55:36.9999Z", isoTime, "2000-10-10T13:55:36.999Z"],
    ["1795194180", [{ kind: "epoch", unit: "s" }], "2026-11-20T17:03:00.000Z"],
    ["1795194180.498", [{ kind: "epoch", unit: "s" }], "2026-11-20T17:03:00.498Z"],
    ["1795194180498999", [{ kind: "epoch", unit: "us" }], "2026-11-20T17:03:00.498Z"],
    ["9999999999999999999", [{ kind: "epoch", unit: "s" }], undefined],
    ["Fri Nov 20 05:03:00 PM 2026", strftime("%a %b %e %r %Y"), "2026-11-20T17:03:00.000Z"],
    ["Fri Nov  6 17:03:00 2026", strftime("%c"), "2026-11-06T17:03:00.000Z"],
    ["11/06/26 12:00 AM", strftime("%D %I:%M %p"), "2026-11-06T00:00:00.000Z"],
    ["06 November 2026 7:03 UTC", strftime("%d %B %Y %k:%M %Z"), "2026-11-06T07:03:00.000Z"],
    ["100%2026-11-06 17", strftime("100%%%F %H"), "2026-11-06T17:00:00.000Z"],
    ["2026-11-20T17:05:09.656Z", java("yyyy-MM-dd'T'HH:mm:ss.SSSXXX"), "2026-11-20T17:05:09.656Z"],
    ["6.11.26 5 o'clock PM", java("d.MM.yy h 'o''clock' a"), "2026-11-06T17:00:00.000Z"],
  ];
  for (const [text, layout, instant] of cases) {
    test(text, () => assert.equal(read(text, layout), instant));
  }
});

test("what keys may hold is told apart", () => {
  const instant = "2026-11-20T17:03:00.000Z";
  const texts = [
    "2026-11-20T17:03:00Z",
    "2026-11-20T18:03:00.000+01:00",
    "20/Nov/2026:17:03:00 +0000",
    "[20/Nov/2026:17:03:00 +0000]",
    "2026-11-20 17:03:00",
    "2026-11-20T17:03:00",
    "1795194180",
    "1795194180.000",
    "1795194180000",
    "1795194180000000",
    "1795194180000000000",
  ];
  for (const text of texts) {
    const found = anyTime.map((layout) => read(text, layout)).find((time) => time !== undefined);
    assert.equal(found, instant, text);
  }
});

test("a date in a layout is the date of the calendar", () => {
  const date = fc.date({
    min: new Date("1970-01-01"),
    max: new Date("9999-12-31"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (instant) => {
      assert.equal(read(instant.toISOString(), isoTime), instant.toISOString());
    }),
  );
});

suite("a wall clock without an offset", () => {
  test("is the zone's", () => {
    assert.equal(createZoneClock("Europe/Nowhere"), undefined);
    assert.equal(iso(berlin(), "2026-07-01T12:00:00"), "2026-07-01T10:00:00");
    assert.equal(iso(berlin(), "2026-01-01T12:00:00"), "2026-01-01T11:00:00");
    const kolkata = createZoneClock("Asia/Kolkata");
    assert.equal(kolkata && iso(kolkata, "2026-01-01T00:00:00"), "2025-12-31T18:30:00");
  });

  test("goes on without a jump through the hour that happens twice", () => {
    const clock = berlin();
    const walls = ["01:59:59", "02:00:00", "02:30:00", "02:26:00", "02:59:59"];
    const again = ["02:00:00", "02:00:02", "02:30:00", "02:29:58", "02:59:59", "03:00:00"];
    const instants = [...walls, ...again].map((wall) => iso(clock, `2026-10-25T${wall}`).slice(11));
    assert.deepEqual(instants, [
      "23:59:59",
      "00:00:00",
      "00:30:00",
      "00:26:00",
      "00:59:59",
      "01:00:00",
      "01:00:02",
      "01:30:00",
      "01:29:58",
      "01:59:59",
      "02:00:00",
    ]);
  });

  test("is the second one after a pause, unless the clock has not come so far", () => {
    const clock = berlin();
    clock.passTime(Date.parse("2026-10-25T00:51:00Z"));
    assert.equal(iso(clock, "2026-10-25T02:50:00"), "2026-10-25T00:50:00");
    assert.equal(iso(clock, "2026-10-25T02:10:00"), "2026-10-25T00:10:00");
    clock.passTime(Date.parse("2026-10-25T01:11:00Z"));
    assert.equal(iso(clock, "2026-10-25T02:10:00"), "2026-10-25T01:10:00");
    assert.equal(clock.isAmbiguous, true);
    assert.equal(iso(clock, "2026-10-25T03:00:00"), "2026-10-25T02:00:00");
    assert.equal(clock.isAmbiguous, false);
  });

  test("is told by when the line was written, not by when its request came", () => {
    const clock = berlin();
    assert.equal(iso(clock, "2026-10-25T02:50:00"), "2026-10-25T00:50:00");
    const slow = clock.toInstant(Date.parse("2026-10-25T02:10:00Z"), 41 * 60_000);
    assert.equal(new Date(slow).toISOString(), "2026-10-25T00:10:00.000Z");
    assert.equal(iso(clock, "2026-10-25T02:10:00"), "2026-10-25T01:10:00");
  });

  test("goes on in another life where it was, and forgets a wrong time", () => {
    const clock = berlin();
    assert.equal(iso(clock, "2026-10-25T02:50:00"), "2026-10-25T00:50:00");
    assert.equal(iso(clock, "2099-01-01T00:00:00"), "2098-12-31T23:00:00");
    assert.equal(iso(clock, "2026-10-25T01:59:00"), "2026-10-24T23:59:00");
    assert.equal(iso(clock, "2026-10-25T02:51:00"), "2026-10-25T00:51:00");
    const again = createZoneClock("Europe/Berlin", clock.lastMs);
    assert.equal(again && iso(again, "2026-10-25T02:01:00"), "2026-10-25T01:01:00");
    assert.equal(iso(berlin(), "2026-10-25T02:01:00"), "2026-10-25T00:01:00");
  });

  test("takes the hour that does not happen by the offset before it", () => {
    assert.equal(iso(berlin(), "2026-03-29T02:30:00"), "2026-03-29T01:30:00");
    assert.equal(iso(berlin(), "2026-03-29T03:00:00"), "2026-03-29T01:00:00");
  });
});

test("the zone's offsets are inverted at every minute", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
  const minutes = fc.integer({ min: 0, max: 60 * 24 * 365 * 60 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), minutes, (zone, minute) => {
      const clock = createZoneClock(zone);
      const ms = minute * 60_000;
      const wall = new Intl.DateTimeFormat("sv", {
        timeZone: zone,
        dateStyle: "short",
        timeStyle: "medium",
      }).format(ms);
      const found = clock?.toInstant(Date.parse(`${wall.replace(" ", "T")}Z`)) ?? Number.NaN;
      assert.ok([0, 1_800_000, 3_600_000].includes(ms - found), `${wall} ${zone}`);
    }),
  );
});

function strftime(pattern: string): TimeLayout {
  return parseStrftime(pattern).layout ?? [];
}

function java(pattern: string): TimeLayout {
  return parseDatePattern(pattern).layout ?? [];
}

function berlin(): ZoneClock {
  const clock = createZoneClock("Europe/Berlin");
  assert.ok(clock !== undefined);
  return clock;
}

function iso(clock: ZoneClock, wall: string): string {
  return new Date(clock.toInstant(Date.parse(`${wall}Z`))).toISOString().slice(0, 19);
}
