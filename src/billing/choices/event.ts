import { ignoreAwaiting } from '../../stripe/inbox/awaiting-release.ts';
import { endReviewed, reopenReviewed } from '../../stripe/inbox/events.ts';
import { NOBODY_LISTENS } from '../../stripe/inbox/inbox.ts';
import { answered, type Choice } from '../desk/questions.ts';

/** What may be decided about events that could not be processed. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the payment that the event speaks of, or the event itself where that is not known. */
    event_failed: { event: string; type: string; attempts_used_up: boolean };
    /** The subject is the type. */
    event_type_unknown: { events: number; since: string };
  }
}

export const processAgain: Choice = {
  name: 'try_again',
  effect: 'The events go back to the workers, which try once more. You are asked again if that fails.',
  run: async ({ subject }, { db }) => {
    const events = await reopenReviewed(db, subject);
    return answered(`${events} ${events === 1 ? 'event is' : 'events are'} taken up again`);
  },
};

export const endAsIgnored: Choice = {
  name: 'end_as_ignored',
  effect: 'The events end as ignored: what they told is settled by hand.',
  run: async ({ subject }, { db }, { actor }) => {
    const events = await endReviewed(db, subject, `${actor} decided that it is settled by hand`);
    return answered(`${events} ${events === 1 ? 'event' : 'events'} ended as ignored`);
  },
};

export const askStripeNow: Choice = {
  name: 'ask_stripe_now',
  effect: 'Stripe is asked something harmless, now. If it answers, the events go on.',
  run: async (_item, { stripe }) => {
    await stripe.paymentIntents.list({ limit: 1 });
    return answered('Stripe answers');
  },
};

export const permissionGranted: Choice = {
  name: 'granted',
  effect:
    'You have granted the permission. The events that need it are tried again by themselves, within five minutes.',
  run: async () => answered('the events go on'),
};

export const ignoreType: Choice = {
  name: 'end_as_ignored',
  effect: 'All events of this type that wait end as ignored. "events reopen" gives them back to the workers later.',
  run: async ({ subject }, { db }) => {
    const ended = await ignoreAwaiting(db, subject, NOBODY_LISTENS);
    return answered(`${ended} events ended as ignored`);
  },
};

export const waitForRelease: Choice = {
  name: 'wait_for_release',
  effect: 'Nothing is done: the release that knows them takes them up when it runs. You are asked again in a week.',
  run: async () => answered('they wait'),
};
