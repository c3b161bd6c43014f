import { describe, expect, test } from 'vitest';
import { periodAround, periodEnd } from '../../../simulator/subscriptions/calendar.ts';

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;
const every = (interval: 'day' | 'week' | 'month' | 'year', interval_count = 1) => ({ interval, interval_count });

describe('the end of a billing period', () => {
  test.each([
    ['a month', '2027-01-15T08:30:05', every('month'), '2027-01-15T08:30:05', '2027-02-15T08:30:05'],
    ['a short month', '2027-01-31T12:00:00', every('month'), '2027-01-31T12:00:00', '2027-02-28T12:00:00'],
    ['the 31st again', '2027-01-31T12:00:00', every('month'), '2027-02-28T12:00:00', '2027-03-31T12:00:00'],
    ['a leap day', '2028-02-29T00:00:00', every('year'), '2028-02-29T00:00:00', '2029-02-28T00:00:00'],
    ['the next leap day', '2028-02-29T00:00:00', every('year'), '2031-02-28T00:00:00', '2032-02-29T00:00:00'],
    ['a quarter', '2026-11-30T23:59:59', every('month', 3), '2026-11-30T23:59:59', '2027-02-28T23:59:59'],
    ['two weeks', '2027-01-01T00:00:00', every('week', 2), '2027-01-01T00:00:00', '2027-01-15T00:00:00'],
    ['three days', '2027-02-27T06:00:00', every('day', 3), '2027-02-27T06:00:00', '2027-03-02T06:00:00'],
    ['what is left', '2027-01-15T00:00:00', every('month'), '2027-03-20T10:00:00', '2027-04-15T00:00:00'],
    ['before its anchor', '2027-05-10T00:00:00', every('month'), '2027-03-20T10:00:00', '2027-04-10T00:00:00'],
  ])('%s', (_what, anchor, recurring, start, end) => {
    expect(periodEnd(at(anchor), recurring, at(start))).toBe(at(end));
  });

  test('is the beginning of the next one, for ever', () => {
    const anchor = at('2027-01-31T12:00:00');
    let start = anchor;
    for (let month = 1; month <= 60; month++) {
      const end = periodEnd(anchor, every('month'), start);
      expect(new Date(end * 1000).getUTCMonth()).toBe(month % 12);
      expect(periodAround(anchor, every('month'), end - 1)).toEqual({ start, end });
      start = end;
    }
  });
});
