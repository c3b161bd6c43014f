import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayIn, isTimeZone, minuteIn, startOfDay, zoneNameAt } from '../../src/platform/business-day.ts';
import { propertyRun } from '../support/property.ts';

const [auckland, losAngeles, berlin, utc] = ['Pacific/Auckland', 'America/Los_Angeles', 'Europe/Berlin', 'UTC'];

describe('a moment is on the day that it is where the business is', () => {
  test.each([
    // Around midnight of each, at the end of a year.
    [auckland, '2026-12-31T10:59:59Z', '2026-12-31 23:59', 'GMT+13'],
    [auckland, '2026-12-31T11:00:00Z', '2027-01-01 00:00', 'GMT+13'],
    [utc, '2026-12-31T23:59:59Z', '2026-12-31 23:59', 'UTC'],
    [utc, '2027-01-01T00:00:00Z', '2027-01-01 00:00', 'UTC'],
    [losAngeles, '2027-01-01T07:59:59Z', '2026-12-31 23:59', 'GMT-8'],
    [losAngeles, '2027-01-01T08:00:00Z', '2027-01-01 00:00', 'GMT-8'],
    // The hour that a day has twice, and the one that it lacks.
    [berlin, '2026-10-25T00:30:00Z', '2026-10-25 02:30', 'CEST'],
    [berlin, '2026-10-25T01:30:00Z', '2026-10-25 02:30', 'CET'],
    [berlin, '2026-03-29T00:59:59Z', '2026-03-29 01:59', 'CET'],
    [berlin, '2026-03-29T01:00:00Z', '2026-03-29 03:00', 'CEST'],
    [berlin, '2026-03-28T23:00:00Z', '2026-03-29 00:00', 'CET'],
    [berlin, '2026-03-29T22:00:00Z', '2026-03-30 00:00', 'CEST'],
  ] as const)('%s, %s: %s %s', (timeZone, moment, minute, name) => {
    expect(minuteIn(timeZone, new Date(moment))).toBe(minute);
    expect(dayIn(timeZone, new Date(moment))).toBe(minute.slice(0, 10));
    expect(zoneNameAt(timeZone, new Date(moment))).toBe(name);
  });
});

describe('a day begins', () => {
  test.each([
    [auckland, '2026-12-31', '2026-12-30T11:00:00.000Z'],
    [losAngeles, '2026-12-31', '2026-12-31T08:00:00.000Z'],
    [utc, '2026-12-31', '2026-12-31T00:00:00.000Z'],
    [berlin, '2026-03-29', '2026-03-28T23:00:00.000Z'],
    [berlin, '2026-10-26', '2026-10-25T23:00:00.000Z'],
    // Clocks go forward at midnight: the day begins at one o'clock.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z'],
  ])('in %s, %s: %s', (timeZone, day, start) => {
    expect(startOfDay(timeZone, day)?.toISOString()).toBe(start);
  });

  test.each(['2026-02-29', '2026-13-01', '2026-1-1', 'today', ''])('never: %j', (day) => {
    expect(startOfDay(utc, day)).toBeUndefined();
  });

  test('a second after the day before, in every zone', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const days = fc.integer({ min: 0, max: 20_000 }).map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10));
    fc.assert(
      fc.property(zones, days, (timeZone, day) => {
        const start = startOfDay(timeZone, day);
        // Samoa and Kwajalein have left out a day each.
        fc.pre(start !== undefined && dayIn(timeZone, start) === day);
        expect(dayIn(timeZone, new Date((start?.getTime() ?? 0) - 1_000)) < day).toBe(true);
      }),
      propertyRun(300),
    );
  });
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Berlin', false],
  ['+02:00', false],
  ['-08:00', false],
  ['', false],
])('whether %j is a time zone of the IANA database: %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});
