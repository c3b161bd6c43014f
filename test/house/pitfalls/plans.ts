import {
  access,
  changes,
  checkouts,
  given,
  histories,
  type Pitfalls,
  schedules,
  simulated,
  standing,
} from './pitfall.ts';

/** Ends, billing modes, changes of plan. */
export const ofPlans: Pitfalls = {
  1: {
    what: 'A planned end is one of two fields, and calling it off clears the one that is set.',
    tests: [
      [access, 'that is planned in the portal and called off again is followed (%s)'],
      [standing, 'active, to end with its period'],
      [standing, 'active, to end at a moment'],
    ],
  },
  2: {
    what: 'Subscriptions are of the flexible billing mode unless somebody asks for the classic one.',
    tests: [
      [simulated('start'), 'is active once its first invoice is paid, with the period on its item and not on itself'],
      [simulated('start'), 'can be of the older billing mode'],
      histories,
    ],
  },
  3: {
    what: 'Flexible billing credits what was charged: prorations are Stripe’s to work out.',
    tests: [
      [simulated('changes'), 'credits what was really charged in flexible billing'],
      [simulated('previews'), 'what flexible billing has charged for a period is what each of its seconds cost'],
    ],
  },
  4: {
    what: 'Only `create_preview` previews a flexible subscription.',
    tests: [
      [
        simulated('previews'),
        'each preview of a change is the invoice that comes of it, at once or with the next period',
      ],
    ],
    awaits: changes,
  },
  5: {
    what: 'What has ended has ended, whichever of its fields says when.',
    tests: [
      [access, 'that is over ends access, whatever else Stripe says of it'],
      [standing, 'of several periods is the first of them, as Stripe means it'],
      [given, 'gives nothing, whatever was paid'],
    ],
  },
  6: {
    what: 'Another interval begins anew and is billed at once; a proration date is refused then, and an error is no €0.',
    tests: [
      [simulated('changes'), 'to another interval begins anew and is billed at once'],
      [simulated('changes'), 'takes no proration date where the period begins anew, and none outside of the period'],
      [given, 'to the year, paid'],
    ],
    awaits: changes,
  },
  7: {
    what: 'Preview and change are built by one function.',
    tests: [
      [
        simulated('previews'),
        'each preview of a change is the invoice that comes of it, at once or with the next period',
      ],
    ],
    awaits: changes,
  },
  8: {
    what: 'Due now, signed total and balance used are three numbers; nothing due is not no change.',
    tests: [[simulated('changes'), 'gives what is too much to the balance of the customer']],
    awaits: changes,
  },
  9: {
    what: 'A better plan is given when its invoice is paid.',
    tests: [
      [given, 'up, not paid yet: what was paid'],
      [given, 'up, its invoice open: what was paid'],
      [given, 'up, not paid yet, to a price that was paid once: what was paid last'],
      histories,
    ],
  },
  10: {
    what: 'A change that waits for its payment is not the plan.',
    tests: [
      [access, 'gives nothing yet; paid, the new plan'],
      [access, 'is dropped when nobody pays it, and what was paid before goes on'],
    ],
  },
  11: { what: 'A preview that no longer holds is not applied.', tests: [], awaits: changes },
  12: {
    what: 'A second change in a period credits what was charged, not the full plan.',
    tests: [
      [simulated('changes'), 'credits what was really charged in flexible billing'],
      [given, 'up and down again in one period: what was paid at first'],
      histories,
    ],
    awaits: changes,
  },
  13: {
    what: 'A change names its item; an unknown one fails.',
    tests: [[simulated('changes'), 'adds items, removes them, and never falls back to another one']],
    awaits: changes,
  },
  14: {
    what: 'An upgrade changes the subscription that is there, and makes no second one.',
    tests: [[checkouts, 'that is %s is enough']],
    awaits: changes,
  },
  15: {
    what: 'A cheaper plan from the next period on is a schedule, and releasing that drops its planned end.',
    tests: [
      [schedules, 'makes a plan cheaper with the next period, which is billed at the new price and prorates nothing'],
      [schedules, 'can end its subscription, and releasing it drops that end'],
    ],
    awaits: changes,
  },
};
