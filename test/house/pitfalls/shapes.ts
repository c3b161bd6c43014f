import { access, given, histories, type Pitfalls, shapes, simulated, story, sync } from './pitfall.ts';

/** Shapes of objects, cards, and what the simulated Stripe must not get wrong. */
export const ofShapes: Pitfalls = {
  29: {
    what: 'Each item has its own period; the longest counts for what is given.',
    tests: [
      [shapes, 'stands with each item, not with the subscription, and items may differ'],
      [shapes, 'of what is given is that of its own item'],
      [given, 'of one plan add up, and the longest counts'],
    ],
  },
  30: {
    what: 'An invoice has payments, and no payment intent of its own.',
    tests: [
      [shapes, 'is one of its payments; invoices have no payment intent of their own any more'],
      [shapes, 'that was made elsewhere is not among them'],
    ],
  },
  31: {
    what: 'The subscription of an invoice stands in its parent, which may be another one or none.',
    tests: [
      [shapes, 'stands in its parent'],
      [shapes, 'is none of %s, which is no failure'],
      [sync, 'an invoice of no subscription is ignored'],
    ],
  },
  32: {
    what: 'The plan is not what stands first among the items.',
    tests: [
      [shapes, 'is not what stands first: a metered add-on before it takes nothing away'],
      [given, 'whichever stands first, each gives its own'],
      histories,
    ],
  },
  33: {
    what: 'A price that no plan names is asked about, and never free.',
    tests: [
      [story, 'a price that no plan names is asked about, and never free'],
      [given, 'a price that no plan names gives nothing, and takes nothing from the others'],
    ],
  },
  34: {
    what: 'An invoice may be paid before anything is known of its subscription, or of its session.',
    tests: [
      [sync, 'an invoice of a subscription that is not known here brings it along'],
      [sync, 'and is there before its session is complete, is theirs whom the session names'],
      histories,
    ],
  },
  35: {
    what: 'Events of the second generation are no failures of the receiver.',
    tests: [
      ['stripe/inbox/event.test.ts', 'is recognised; its object is only named'],
      ['api/refusals.test.ts', 'something else than an event'],
    ],
  },
  36: {
    what: 'A new card counts where Stripe looks first.',
    tests: [
      [simulated('renewals'), 'is charged to the card of the subscription before that of its customer'],
      ['simulator/portal.test.ts', 'replaces the card, that of the subscription too where it has its own'],
      ['billing/recovery/card-to-try.test.ts', 'it is set'],
      [
        'billing/recovery/new-card.test.ts',
        'one that is only saved is set where Stripe looks, pays the open invoice, and recovers the case',
      ],
    ],
  },
  37: {
    what: 'A customer has one currency.',
    tests: [
      [simulated('start'), 'of a customer without a card, of another currency, or of what is sold once'],
      ['stories/changes.test.ts', 'a price in another currency is refused, with what to do instead'],
    ],
  },
  38: {
    what: 'A renewal that waits for its customer is written about, and not tried again.',
    tests: [
      [sync, 'for want of its owner is no charge'],
      ['billing/recovery/decline.test.ts', 'a payment that waits for its customer is to be authenticated'],
      [
        'billing/recovery/new-card.test.ts',
        'a card whose bank wants to see its owner is tried once, and the case says so',
      ],
    ],
  },
  39: {
    what: 'The subscription is past due before the failure of its invoice is told.',
    tests: [[simulated('renewals'), 'makes the subscription past due before the failure is told']],
  },
  40: {
    what: 'Why an invoice was written off is told, and not guessed.',
    tests: [
      ['billing/recovery/recovery-case.test.ts', 'written off at the end of the tries'],
      ['billing/recovery/recovery-case.test.ts', 'at the moment that Stripe names, else when it was found'],
    ],
  },
  41: {
    what: 'A gift under what is paid outlives that only as long as it holds.',
    tests: [
      [access, 'goes on after its end while it holds'],
      [access, 'is over when it is over: what was paid in between has made nothing of it'],
    ],
  },
  42: {
    what: 'A change in a trial keeps the trial.',
    tests: [
      [simulated('ends'), 'goes on through a change of plan, which costs nothing'],
      ['stories/changes.test.ts', 'a change in a trial keeps the trial, and charges nothing'],
    ],
  },
  43: {
    what: 'What follows a trial that was paused is what Stripe says.',
    tests: [
      [access, 'whose first payment is declined at its end is what Stripe makes of it, not what was expected'],
      histories,
    ],
  },
  44: {
    what: 'A card may be saved before the subscription tells that it was paused.',
    tests: [[access, 'a card that is saved before the subscription tells anything is decided by how it stands now']],
  },
  45: {
    what: 'A checkout that saves a card makes it the default of nothing.',
    tests: [
      [simulated('checkout'), 'attaches it to the customer, and makes it the default of nothing'],
      ['stories/new-card.test.ts', 'saved in a Checkout Session that sets nothing, it pays what is open, once'],
    ],
  },
};
