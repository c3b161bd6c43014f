import { expect, test } from 'vitest';
import { lifeComplaints, lifeReport } from '../../../bin/lib/demo/life-report.ts';
import type { Life, Moment } from '../../../bin/lib/demo/subscriber.ts';

const moment = (day: number, status: string, ...features: string[]): Moment => ({
  day,
  what: 'lives',
  status,
  features,
});
const right: Life = {
  moments: [
    moment(0, 'active', 'lessons'),
    moment(10, 'active', 'lessons', 'tuition'),
    moment(30, 'past_due', 'lessons', 'tuition'),
    moment(37, 'past_due', 'lessons', 'tuition'),
    moment(37, 'active', 'lessons', 'tuition'),
    moment(37, 'active', 'lessons', 'tuition'),
    moment(61, 'canceled'),
  ],
  upgrade: { currency: 'eur', previewed: 1_996, charged: 1_996 },
  mails: [
    { day: 33, subject: 'Your payment of EUR 45.00 did not go through' },
    { day: 37, subject: 'Invoice Q-0003 is still open' },
  ],
};

test('a subscription that was lived through as it should be is right, and told by its days', () => {
  expect(lifeComplaints(right)).toEqual([]);
  const report = lifeReport(right);
  expect(report).toContain('previewed 19.96 EUR, charged 19.96 EUR');
  expect(report).toContain('Mail on day 33: Your payment of EUR 45.00 did not go through');
  expect(report).toMatch(/61 {2}lives {2}canceled {3}nothing/);
});

const withMoment = (at: number, other: Moment): Partial<Life> => ({ moments: right.moments.with(at, other) });
const mail = (day: number) => ({ day, subject: 'Invoice Q-0003 is still open' });

test.each<[string, Partial<Life>, RegExp]>([
  ['a moment that is missing', { moments: right.moments.slice(1) }, /6 moments of a subscription instead of 7/],
  [
    'the better plan before it is paid',
    withMoment(0, moment(0, 'active', 'lessons', 'tuition')),
    /day 0 .*lessons, tuition/,
  ],
  [
    'a status that is another one',
    withMoment(2, moment(30, 'active', 'lessons', 'tuition')),
    /says active, not past_due/,
  ],
  ['nothing in the days of grace', withMoment(3, moment(37, 'past_due')), /may be used: nothing/],
  ['access after the end', withMoment(6, moment(61, 'canceled', 'lessons')), /may be used: lessons/],
  [
    'another amount than was shown',
    { upgrade: { ...right.upgrade, charged: 1_997 } },
    /previewed at 1996, and charged at 1997/,
  ],
  ['an upgrade for nothing', { upgrade: { currency: 'eur', previewed: 0, charged: 0 } }, /previewed at 0/],
  ['one letter', { mails: [mail(33)] }, /1 letters about the failed renewal instead of 2/],
  ['two letters within days', { mails: [mail(33), mail(34)] }, /Two letters within days: 33, 34/],
])('%s is told', (_name, change, sentence) => {
  expect(lifeComplaints({ ...right, ...change }).join(' ')).toMatch(sentence);
});
