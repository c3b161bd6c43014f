import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DailyWindow, nextAllowed, zoneOr } from '../../../src/billing/recovery/quiet-hours.ts';
import { minuteIn } from '../../../src/platform/business-day.ts';
import { propertyRun } from '../../support/property.ts';

const [berlin, kathmandu, lordHowe] = ['Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const night = { from: '20:00', to: '08:00' };
const noon = { from: '12:00', to: '14:30' };
const early = { from: '01:30', to: '02:30' };

function allowed(moment: string, quiet: DailyWindow | null, timeZone: string): string {
  return nextAllowed(new Date(moment), quiet, timeZone).toISOString();
}

describe('outside of quiet hours a moment stays as it is', () => {
  test.each([
    ['in the middle of the day', '2026-01-15T11:00:07.123Z', night, berlin],
    ['the first moment after the night', '2026-01-15T07:00:00.000Z', night, berlin],
    ['the last moment before it', '2026-01-15T18:59:59.999Z', night, berlin],
    ['the last moment before noon', '2026-01-15T10:59:59.999Z', noon, berlin],
    ['midnight, where noon is quiet', '2026-01-14T23:00:00.000Z', noon, berlin],
    ['no quiet hours at all', '2026-01-15T23:00:00.000Z', null, berlin],
  ])('%s', (_what, moment, quiet, timeZone) => {
    expect(allowed(moment, quiet, timeZone)).toBe(moment);
  });
});

describe('within quiet hours it moves to their end', () => {
  test.each([
    ['the first moment of the night', '2026-01-15T19:00:00.000Z', night, berlin, '2026-01-16T07:00:00.000Z'],
    ['before midnight', '2026-01-15T22:59:59.999Z', night, berlin, '2026-01-16T07:00:00.000Z'],
    ['after midnight', '2026-01-15T23:00:00.000Z', night, berlin, '2026-01-16T07:00:00.000Z'],
    ['the last moment of the night', '2026-01-16T06:59:59.999Z', night, berlin, '2026-01-16T07:00:00.000Z'],
    ['at noon', '2026-01-15T11:00:00.000Z', noon, berlin, '2026-01-15T13:30:00.000Z'],
    ['the night elsewhere', '2026-01-15T11:00:00.000Z', night, 'Pacific/Auckland', '2026-01-15T19:00:00.000Z'],
    ['three quarters off the hour', '2026-01-15T15:00:30.000Z', night, kathmandu, '2026-01-16T02:15:00.000Z'],
    [
      'an end off the quarter',
      '2026-01-15T11:00:00.000Z',
      { from: '11:58', to: '12:07' },
      berlin,
      '2026-01-15T11:07:00.000Z',
    ],
    [
      'all but two hours',
      '2026-01-15T10:00:00.000Z',
      { from: '11:00', to: '09:00' },
      berlin,
      '2026-01-16T08:00:00.000Z',
    ],
  ])('%s', (_what, moment, quiet, timeZone, moved) => {
    expect(allowed(moment, quiet, timeZone)).toBe(moved);
  });
});

describe('where clocks are changed', () => {
  test.each([
    ['the night is an hour shorter in spring', '2026-03-28T21:00:00.000Z', night, berlin, '2026-03-29T06:00:00.000Z'],
    ['and an hour longer in autumn', '2026-10-24T21:00:00.000Z', night, berlin, '2026-10-25T07:00:00.000Z'],
    // 02:30 is left out: clocks go from 02:00 to 03:00 at 01:00 UTC.
    [
      'an end that is left out is where the gap ends',
      '2026-03-29T00:40:00.000Z',
      early,
      berlin,
      '2026-03-29T01:00:00.000Z',
    ],
    // 02:30 comes twice: at 00:30 and at 01:30 UTC.
    [
      'an end that comes twice is the first of both',
      '2026-10-24T23:40:00.000Z',
      early,
      berlin,
      '2026-10-25T00:30:00.000Z',
    ],
    ['what is repeated is quiet again', '2026-10-25T01:10:00.000Z', early, berlin, '2026-10-25T01:30:00.000Z'],
    ['between both it is allowed', '2026-10-25T00:45:00.000Z', early, berlin, '2026-10-25T00:45:00.000Z'],
    // Half an hour only: from 02:00 to 02:30 at 15:30 UTC.
    [
      'half an hour is left out',
      '2026-10-03T15:10:00.000Z',
      { from: '01:30', to: '02:15' },
      lordHowe,
      '2026-10-03T15:30:00.000Z',
    ],
  ])('%s', (_what, moment, quiet, timeZone, moved) => {
    expect(allowed(moment, quiet, timeZone)).toBe(moved);
  });
});

test('a moment moves forward only, out of the window, and over nothing that was allowed', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const [hours, minutes] = [fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })];
  const two = (value: number) => String(value).padStart(2, '0');
  const times = fc.tuple(hours, minutes).map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
  const moments = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(moments, times, times, zones, (moment, from, to, timeZone) => {
      fc.pre(from !== to);
      const isQuiet = (at: Date) => {
        const time = minuteIn(timeZone, at).slice(11);
        return from < to ? from <= time && time < to : from <= time || time < to;
      };
      const moved = nextAllowed(moment, { from, to }, timeZone);
      expect(isQuiet(moved)).toBe(false);
      expect(moved.getTime()).toBeGreaterThanOrEqual(moment.getTime());
      for (let skipped = moment.getTime(); skipped < moved.getTime(); skipped += 60_000)
        expect(isQuiet(new Date(skipped))).toBe(true);
      expect(nextAllowed(moved, { from, to }, timeZone)).toEqual(moved);
    }),
    propertyRun(100),
  );
});

test.each([
  ['Asia/Kathmandu', 'Asia/Kathmandu'],
  ['Mars/Olympus_Mons', 'Europe/Berlin'],
  ['+02:00', 'Europe/Berlin'],
  ['', 'Europe/Berlin'],
  [null, 'Europe/Berlin'],
  [undefined, 'Europe/Berlin'],
])('%j is read as %s', (wanted, zone) => {
  expect(zoneOr(wanted, berlin)).toBe(zone);
});
