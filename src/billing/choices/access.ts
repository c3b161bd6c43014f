import '../access/questions.ts';
import { assignOwner, decideAnew } from '../access/manage-access.ts';
import { asReference, LONGEST_REFERENCE } from '../access/reference.ts';
import { NotDecided } from '../desk/decide.ts';
import { answered, type Choice } from '../desk/questions.ts';
import { isOpen } from '../desk/review-items.ts';

/** What may be decided about a purchase that nothing tells whose it is. */

export const giveTo: Choice = {
  name: 'give_to',
  effect:
    'Whoever has this reference in the application gets what was bought, and from now on what the same customer at Stripe buys without saying who he is.',
  asks: 'Reference in the application',
  async run({ subject }, deps, { given, ...by }) {
    const reference = asReference(given);
    if (reference === undefined) {
      throw new NotDecided(
        `The reference must have 1 to ${LONGEST_REFERENCE} characters: who is it in the application?`,
      );
    }
    const owner = await assignOwner(subject, reference, by, deps);
    return { answered: owner === reference, said: owner === null ? NOBODYS : `${owner} was given access` };
  },
};

export const giveToNobody: Choice = {
  name: 'give_to_nobody',
  effect: 'Nobody gets access for this payment.',
  async run({ subject }, deps, by) {
    const owner = await assignOwner(subject, null, by, deps);
    return owner === null ? answered(NOBODYS) : { answered: false, said: `${owner} was given access already` };
  },
};

export const policyNamesIt: Choice = {
  name: 'policy_names_it',
  effect:
    'The subscription is looked at with the policy as it is now. While no plan names the price, it stays asked about.',
  async run({ id, subject }, deps) {
    await decideAnew(subject, deps);
    const isAsked = await isOpen(deps.db, id);
    return { answered: !isAsked, said: isAsked ? 'no plan names the price yet' : 'its plan is known' };
  },
};

export const givesNothing: Choice = {
  name: 'gives_nothing',
  effect: 'Nothing is given for this price, and it is not asked again for this subscription.',
  run: async () => answered('nothing is given for it'),
};

const NOBODYS = 'nobody gets access for it';
