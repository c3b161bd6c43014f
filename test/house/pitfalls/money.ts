import {
  access,
  checkouts,
  given,
  histories,
  type Pitfalls,
  schedules,
  simulated,
  standing,
  story,
} from './pitfall.ts';

/** One subscription of a product; money that comes late, twice or for something dead; pauses and trials. */
export const ofMoney: Pitfalls = {
  16: {
    what: 'Two tabs, two buyers, a retry: one subscription, whatever live status it has.',
    tests: [
      [checkouts, 'that is %s is enough'],
      [checkouts, 'the same again leads to it, twenty times at once too'],
      [checkouts, 'another plan closes it first'],
      [
        'billing/subscriptions/asked-about.test.ts',
        'are asked about, by the one that began later, and both give what is paid',
      ],
    ],
  },
  17: {
    what: 'One customer at Stripe for each reference, even when two first checkouts race.',
    tests: [
      [checkouts, 'the same again leads to it, twenty times at once too'],
      [checkouts, 'a customer who was deleted at Stripe has one successor'],
    ],
  },
  18: {
    what: 'A late word of an old subscription touches its own grants alone.',
    tests: [[story, 'that ends late takes nothing of the one that goes on'], histories],
  },
  19: {
    what: 'Money for a dead subscription revives nothing, and is asked about.',
    tests: [
      [simulated('ends'), 'keeps its open invoice, which nobody collects any more; paying it revives nothing'],
      ['billing/subscriptions/asked-about.test.ts', 'gives nothing, and is asked about'],
    ],
  },
  20: {
    what: 'An unpaid subscription goes on making drafts: the open invoice is the one to pay.',
    tests: [
      [simulated('renewals'), 'can leave it unpaid: its invoices stay drafts, and paying the open one makes it active'],
      [given, 'that Stripe calls unpaid: in grace'],
      [
        'billing/recovery/new-card.test.ts',
        'in unpaid it is the open invoice that is tried, not the draft that is newer; the case stays ended',
      ],
      ['billing/recovery/questions.test.ts', 'are asked about once it goes on, and %s leaves them %s'],
    ],
  },
  21: {
    what: 'Paid is paid: elsewhere and over nothing, too, and once for each invoice.',
    tests: [[access, 'an invoice that was paid elsewhere counts as paid'], [given, 'over nothing: as paid'], histories],
  },
  22: {
    what: 'An invoice over nothing at the beginning of a trial neither ends it nor gets a receipt.',
    tests: [[access, 'goes on when its invoice over nothing is paid, and no receipt of nothing is sent']],
  },
  23: {
    what: 'The period moves an hour before the money comes.',
    tests: [
      [given, 'whose period has moved, and its renewal is a draft'],
      [simulated('renewals'), 'begins the next period at once, and its invoice is a draft for an hour'],
    ],
  },
  24: {
    what: 'What past due means for access is said by the policy.',
    tests: [
      [given, 'whose renewal failed: in grace'],
      [given, 'grace is as long as the policy says'],
    ],
  },
  25: {
    what: 'Collection can be paused while the status says active; a subscription can be paused as well.',
    tests: [
      [standing, 'active, collection paused'],
      [given, 'while collection is paused, %s'],
      [simulated('ends'), 'that ends only with a payment goes on until it is paid'],
      [simulated('ends'), 'is for flexible billing alone'],
      [
        'billing/managing/manage-subscription.test.ts',
        'whose collection is paused stays active; the same pause again is none, another one is',
      ],
      [
        'billing/managing/manage-subscription.test.ts',
        'is not resumed before it is paid, and asked for again makes no second invoice',
      ],
    ],
  },
  26: {
    what: 'A trial that ends without a card ends access; with a card it is the same subscription again.',
    tests: [
      [access, 'that ends without a card ends access; with a card and a payment it is the same subscription again'],
    ],
  },
  27: {
    what: 'One trial for each reference, after its end, too.',
    tests: [[checkouts, 'a trial is offered once to each reference, also after its end']],
  },
  28: {
    what: 'What a schedule decides is not changed beside it.',
    tests: [
      [schedules, 'decides alone: its subscription refuses to be changed or ended directly'],
      ['billing/managing/manage-subscription.test.ts', 'a schedule decides alone, and the refusal says so'],
      ['billing/changes/refusal.test.ts', 'one that is %s'],
    ],
  },
};
