import fc from 'fast-check';

/** What becomes of somebody's subscription, step by step, pure. */
export const deedNames = [
  'a better plan, if it is paid',
  'a better plan, paid or not',
  'a better plan, with the next invoice',
  'a cheaper plan, credited',
  'a cheaper plan, from now on',
  'the other interval',
  'more seats',
  'fewer seats',
  'a cheaper plan, scheduled',
  'the schedule is released',
  'an end is planned',
  'an end is planned by date',
  'the end is called off',
  'cancel',
  'collection pauses: void',
  'collection pauses: keep_as_draft',
  'collection pauses: mark_uncollectible',
  'collection goes on',
  'pause',
  'resume',
  'resume once paid',
  'a trial begins',
  'the trial ends',
  'the card works',
  'the card fails',
  'the bank asks',
  'there is no card',
  'the customer authenticates',
  'the open invoice is paid',
  'the open invoice is paid elsewhere',
  'the open invoice is void',
  'the open invoice is forgiven',
  'refund, in part',
  'refund, in full',
  'dispute, won',
  'dispute, lost',
  'the checkout is paid after all',
  'a second checkout',
  'an old event comes again',
] as const;
export type DeedName = (typeof deedNames)[number];

export interface Step {
  /** The first that Stripe does not refuse. */
  readonly deeds: readonly DeedName[];
  /** Of the subscriptions that somebody has. */
  readonly which: number;
}

export interface Start {
  readonly door: 'checkout' | 'stripe';
  readonly mode: 'flexible' | 'classic';
  /** Lookup keys. */
  readonly items: readonly string[];
  readonly card: 'visa' | 'fails' | 'asks';
  readonly trial: 'none' | 'with_card' | 'pause' | 'cancel' | 'create_invoice';
}

export interface Life {
  readonly start: Start;
  readonly steps: readonly Step[];
}

/** What lies between two steps, for all lives: time, and whether everything that happened is dealt with by then. */
export interface Pause {
  readonly hours: number;
  readonly settles: boolean;
}

const items = {
  one: [['basic_month'], ['pro_month'], ['pro_year']],
  several: [
    ['pro_month', 'seat_month'],
    ['seat_month', 'basic_month'],
    ['seat_year', 'storage_year', 'pro_year'],
    ['storage_month', 'seat_month', 'basic_month'],
  ],
  /** Of which only the flexible billing mode knows. */
  intervals: [
    ['seat_month', 'pro_year'],
    ['basic_month', 'pro_year'],
    ['storage_year', 'seat_month', 'basic_month'],
  ],
} as const;

const start: fc.Arbitrary<Start> = fc.constantFrom('flexible' as const, 'classic' as const).chain((mode) => {
  const sets = [...items.one, ...items.several, ...(mode === 'flexible' ? items.intervals : [])];
  return fc.record({
    door: fc.constantFrom('checkout' as const, 'stripe' as const),
    mode: fc.constant(mode),
    items: fc.constantFrom<readonly string[]>(...sets),
    card: oftenest('visa' as const, 'fails' as const, 'asks' as const),
    trial: oftenest(
      'none' as const,
      'with_card' as const,
      'pause' as const,
      'cancel' as const,
      'create_invoice' as const,
    ),
  });
});

/** The first as often as all the others. */
function oftenest<Word>(first: Word, ...others: Word[]): fc.Arbitrary<Word> {
  return fc.oneof(fc.constant(first), fc.constantFrom(...others));
}

export const STEPS = 8;

export const life: fc.Arbitrary<Life> = fc.record({
  start,
  steps: fc.array(
    fc.record({
      deeds: fc.array(fc.constantFrom(...deedNames), { minLength: 4, maxLength: 4 }),
      which: fc.nat({ max: 5 }),
    }),
    {
      minLength: STEPS,
      maxLength: STEPS,
    },
  ),
});

const DAY = 24;
/** Beyond the full hour, so that nothing ends in the moment in which it is looked at: what ends does so at full hours after. */
export const BEYOND_THE_HOUR = 7 / 60;

/** A month is among them in any case. */
export const pauses: fc.Arbitrary<readonly Pause[]> = fc
  .array(fc.record({ hours: fc.constantFrom(1, 30, 4 * DAY, 8 * DAY, 32 * DAY), settles: fc.boolean() }), {
    minLength: STEPS,
    maxLength: STEPS,
  })
  .map((all) => all.map((each, at) => (at === STEPS - 3 ? { ...each, hours: 32 * DAY } : each)));
