import '../access/questions.ts';
import { assignPurchase } from '../access/manage-access.ts';
import { asReference, LONGEST_REFERENCE } from '../access/reference.ts';
import { NotDecided } from '../desk/decide.ts';
import { answered, type Choice } from '../desk/questions.ts';

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
    const owner = await assignPurchase(subject, reference, by, deps);
    return { answered: owner === reference, said: owner === null ? NOBODYS : `${owner} was given access` };
  },
};

export const giveToNobody: Choice = {
  name: 'give_to_nobody',
  effect: 'Nobody gets access for this payment.',
  async run({ subject }, deps, by) {
    const owner = await assignPurchase(subject, null, by, deps);
    return owner === null ? answered(NOBODYS) : { answered: false, said: `${owner} was given access already` };
  },
};

const NOBODYS = 'nobody gets access for it';
