import { access, checkouts, given, histories, type Pitfalls, schedules, simulated, standing } from './pitfall.ts';

/** Ends, billing modes, changes of plan. */
export const ofPlans: Pitfalls = {
  1: {
    what: 'A planned end is one of two fields, and calling it off clears the one that is set.',
    tests: [
      [access, 'that is planned in the portal and called off again is followed (%s)'],
      [standing, 'active, to end with its period'],
      [standing, 'active, to end at a moment'],
      [
        'billing/managing/manage-subscription.test.ts',
        'that its customer has canceled on Stripe’s page is resumed by what that page has set',
      ],
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
      [
        'stories/changes-property.test.ts',
        'what is charged is what was previewed, whatever is changed and however often',
      ],
    ],
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
      ['stories/changes.test.ts', 'from the month to the year a new period begins, and is charged now'],
    ],
  },
  7: {
    what: 'Preview and change are built by one function.',
    tests: [
      [
        simulated('previews'),
        'each preview of a change is the invoice that comes of it, at once or with the next period',
      ],
      ['billing/changes/change-params.test.ts', '%s is previewed and made by the same'],
      [
        'stories/changes-property.test.ts',
        'what is charged is what was previewed, whatever is changed and however often',
      ],
    ],
  },
  8: {
    what: 'Due now, signed total and balance used are three numbers; nothing due is not no change.',
    tests: [
      [simulated('changes'), 'gives what is too much to the balance of the customer'],
      ['billing/changes/preview.test.ts', 'due is %s'],
      ['stories/changes.test.ts', 'a downgrade at once gives credit to the balance, which the next upgrade uses'],
    ],
  },
  9: {
    what: 'A better plan is given when its invoice is paid.',
    tests: [
      [given, 'up, not paid yet: what was paid'],
      [given, 'up, its invoice open: what was paid'],
      [given, 'up, not paid yet, to a price that was paid once: what was paid last'],
      histories,
      ['stories/changes.test.ts', 'an upgrade whose card is declined waits; nothing is given until it is paid'],
    ],
  },
  10: {
    what: 'A change that waits for its payment is not the plan.',
    tests: [
      [access, 'gives nothing yet; paid, the new plan'],
      [access, 'is dropped when nobody pays it, and what was paid before goes on'],
      ['stories/changes.test.ts', 'an upgrade that nobody pays is dropped by Stripe, and can be asked for again'],
    ],
  },
  11: {
    what: 'A preview that no longer holds is not applied.',
    tests: [
      [
        'api/v1/subscription-changes.test.ts',
        'a preview that does not hold is answered with a new one, and nothing is changed',
      ],
      ['stories/changes.test.ts', 'a preview holds for an hour'],
    ],
  },
  12: {
    what: 'A second change in a period credits what was charged, not the full plan.',
    tests: [
      [simulated('changes'), 'credits what was really charged in flexible billing'],
      [given, 'up and down again in one period: what was paid at first'],
      histories,
      [
        'stories/changes-property.test.ts',
        'what is charged is what was previewed, whatever is changed and however often',
      ],
    ],
  },
  13: {
    what: 'A change names its item; an unknown one fails.',
    tests: [
      [simulated('changes'), 'adds items, removes them, and never falls back to another one'],
      ['billing/changes/wanted-change.test.ts', '%s is told at its field'],
      ['billing/changes/wanted-change.test.ts', 'of several items somebody must say which'],
    ],
  },
  14: {
    what: 'An upgrade changes the subscription that is there, and makes no second one.',
    tests: [
      [checkouts, 'that is %s is enough'],
      ['stories/changes.test.ts', 'an upgrade that is paid is given at once, and what was shown is charged'],
    ],
  },
  15: {
    what: 'A cheaper plan from the next period on is a schedule, and releasing that drops its planned end.',
    tests: [
      [schedules, 'makes a plan cheaper with the next period, which is billed at the new price and prorates nothing'],
      [schedules, 'can end its subscription, and releasing it drops that end'],
      ['stories/changes.test.ts', 'a downgrade at the end of the period costs nothing, and begins with the next'],
      ['billing/changes/phases.test.ts', '%s comes with the next phase, which lasts a day'],
    ],
  },
};
