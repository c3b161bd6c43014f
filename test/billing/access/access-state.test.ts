import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CausedGrant, stateOf } from '../../../src/billing/access/access-state.ts';
import { propertyRun } from '../../support/property.ts';

/** What somebody may use at a moment, from all that he was given. */
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const now = day(10);
const grant = (cause: string, until: Date | null, more: Partial<CausedGrant> = {}): CausedGrant => ({
  cause,
  feature: 'pro',
  value: null,
  until,
  graceUntil: null,
  bridgedUntil: null,
  frozenAt: null,
  ...more,
});

describe('one feature', () => {
  test.each<[string, CausedGrant[], string | undefined, Date | null]>([
    ['nothing', [], undefined, null],
    ['without an end', [grant('a', null)], 'a', null],
    ['until tomorrow', [grant('a', day(11))], 'a', day(11)],
    ['until now: the end does not belong to it', [grant('a', now)], undefined, null],
    ['until yesterday', [grant('a', day(9))], undefined, null],
    ['until yesterday, in grace', [grant('a', day(9), { graceUntil: day(12) })], 'a', day(12)],
    ['until tomorrow, then in grace', [grant('a', day(11), { graceUntil: day(12) })], 'a', day(11)],
    ['grace that ends before it begins', [grant('a', day(11), { graceUntil: day(9) })], 'a', day(11)],
    ['grace that is over', [grant('a', day(8), { graceUntil: day(9) })], undefined, null],
    ['the longer of two', [grant('a', day(11)), grant('b', day(12))], 'b', day(11)],
    ['without an end beside one', [grant('b', null), grant('a', day(12))], 'b', day(12)],
    ['two without an end: the first by name', [grant('b', null), grant('a', null)], 'a', null],
    ['two of the same end: the first by name', [grant('b', day(12)), grant('a', day(12))], 'a', day(12)],
    ['longer in grace is not longer', [grant('a', day(9), { graceUntil: day(20) }), grant('b', day(11))], 'b', day(11)],
    [
      'of two of the same end that with the longer grace',
      [grant('a', day(11)), grant('b', day(11), { graceUntil: day(12) })],
      'b',
      day(11),
    ],
  ])('%s', (_what, grants, cause, changesAt) => {
    const state = stateOf(grants, now);
    expect(state.features.pro?.cause).toBe(cause);
    expect(state.changesAt).toEqual(changesAt);
  });

  test('is told whole', () => {
    expect(stateOf([grant('payment:pi_1', day(11), { graceUntil: day(12), value: 5 })], now).features).toEqual({
      pro: {
        allowed: true,
        until: '2026-01-11T00:00:00.000Z',
        cause: 'payment:pi_1',
        grace_until: '2026-01-12T00:00:00.000Z',
        value: 5,
      },
    });
  });

  test.each<[string, number, string | undefined]>([
    ['before its end', 10, '2026-01-11T00:00:00.000Z'],
    ['at its end, while a renewal is on its way', 11, '2026-01-14T00:00:00.000Z'],
    ['after that', 14, undefined],
  ])('is told of what is bridged %s', (_what, number, until) => {
    const state = stateOf([grant('a', day(11), { bridgedUntil: day(14) })], day(number));
    expect(state.features.pro?.until).toBe(until);
    expect(state.features.pro?.grace_until ?? null).toBe(null);
  });

  test('has the most of all that still holds', () => {
    const grants = [
      grant('a', day(20), { value: 2 }),
      grant('b', day(12), { value: 7 }),
      grant('c', day(9), { value: 9 }),
    ];
    expect(stateOf(grants, now).features.pro).toMatchObject({ cause: 'a', value: 7 });
  });
});

test('features are told in the order of their names, whatever order they come in', () => {
  const grants = ['b', 'c', 'a'].map((feature) => grant('x', null, { feature }));
  expect(Object.keys(stateOf(grants, now).features)).toEqual(['a', 'b', 'c']);
});

describe('what a test clock has stopped', () => {
  test.each<[string, CausedGrant[], string | undefined, Date | null, Date, boolean]>([
    ['holds before its end there, long after it here', [on(5, day(6))], 'a', null, day(5), true],
    ['has ended there, long before it would here', [on(20, day(15))], undefined, null, day(20), true],
    ['is bridged over there', [on(7, day(6), { bridgedUntil: day(8) })], 'a', null, day(7), true],
    ['ends beside what goes on here', [on(20, day(15)), grant('b', day(12))], 'b', day(12), now, true],
    ['goes on beside what ends here', [on(5, day(6)), grant('b', day(9))], 'a', null, now, true],
    ['is on two clocks', [on(5, day(4)), { ...on(6, day(7)), cause: 'b' }], 'b', null, now, true],
    ['is on none', [grant('a', day(12))], 'a', day(12), now, false],
  ])('%s', (_what, grants, cause, changesAt, asOf, onTestClock) => {
    const state = stateOf(grants, now);
    expect(state.features.pro?.cause).toBe(cause);
    expect(state).toMatchObject({ changesAt, asOf, onTestClock });
  });

  test('tells the end of the bridge that is entered there', () => {
    expect(stateOf([on(7, day(6), { bridgedUntil: day(8) })], now).features.pro?.until).toBe(day(8).toISOString());
  });

  function on(at: number, until: Date, more: Partial<CausedGrant> = {}): CausedGrant {
    return grant('a', until, { frozenAt: day(at), ...more });
  }
});

describe('for any grants', () => {
  const moment = fc.option(fc.integer({ min: 1, max: 20 }).map(day), { nil: null });
  const any = fc.uniqueArray(
    fc.record({
      cause: fc.constantFrom('a', 'b', 'c'),
      feature: fc.constantFrom('pro', 'seats'),
      value: fc.constantFrom(null, 1, 5),
      until: moment,
      graceUntil: moment,
      bridgedUntil: moment,
      frozenAt: moment,
    }),
    { maxLength: 6, selector: ({ cause, feature }) => `${cause} ${feature}` },
  );

  test('nothing changes before the moment that is told, and their order counts nothing', () => {
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 20 }), (grants, number) => {
        const at = day(number);
        const state = stateOf(grants, at);
        expect(stateOf([...grants].reverse(), at)).toEqual(state);
        const before = state.changesAt ? new Date(state.changesAt.getTime() - 1) : day(40);
        expect(stateOf(grants, before).features).toEqual(state.features);
      }),
      propertyRun(500),
    );
  });
});
