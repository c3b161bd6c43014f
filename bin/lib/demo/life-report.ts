import type { Life } from './subscriber.ts';
import { money, table } from './table.ts';

export function lifeReport({ moments, upgrade, mails }: Life): string {
  const rows = moments.map(({ day, what, status, features }) => [
    String(day),
    what,
    status,
    features.join(', ') || 'nothing',
  ]);
  return [
    '\nOne subscription, in the time of a test clock',
    table(['day', 'what', 'at Stripe', 'may use'], rows),
    `  The upgrade: previewed ${money(upgrade.previewed, upgrade.currency)}, charged ${money(upgrade.charged, upgrade.currency)}.`,
    ...mails.map(({ day, subject }) => `  Mail on day ${day}: ${subject}`),
    '',
  ].join('\n');
}

/** The first one, and a reminder. */
const LETTERS = 2;

/** Between two letters about failed payments. Days. */
const LEAST_BETWEEN = 2;

const EXPECTED: readonly { readonly status: string; readonly features: string }[] = [
  { status: 'active', features: 'lessons' },
  { status: 'active', features: 'lessons, tuition' },
  { status: 'past_due', features: 'lessons, tuition' },
  { status: 'past_due', features: 'lessons, tuition' },
  { status: 'active', features: 'lessons, tuition' },
  { status: 'active', features: 'lessons, tuition' },
  { status: 'canceled', features: '' },
];

/** Why the life is not right, in sentences; none when it is. */
export function lifeComplaints({ moments, upgrade, mails }: Life): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) wrong.push(otherwise);
  };
  expect(
    moments.length === EXPECTED.length,
    `${moments.length} moments of a subscription instead of ${EXPECTED.length}.`,
  );
  for (const [at, { day, what, status, features }] of moments.entries()) {
    const expected = EXPECTED[at];
    expect(status === expected?.status, `On day ${day} (${what}) Stripe says ${status}, not ${expected?.status}.`);
    const may = features.join(', ');
    expect(may === expected?.features, `On day ${day} (${what}) may be used: ${may || 'nothing'}.`);
  }
  const { previewed, charged } = upgrade;
  expect(previewed > 0, `The upgrade was previewed at ${previewed}.`);
  expect(previewed === charged, `The upgrade was previewed at ${previewed}, and charged at ${charged}.`);
  expect(mails.length === LETTERS, `${mails.length} letters about the failed renewal instead of ${LETTERS}.`);
  for (const [at, { day }] of mails.entries()) {
    const before = mails[at - 1];
    expect(
      before === undefined || day - before.day >= LEAST_BETWEEN,
      `Two letters within days: ${before?.day}, ${day}.`,
    );
  }
  return wrong;
}
