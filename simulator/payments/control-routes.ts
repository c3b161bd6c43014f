import { type ControlRoute, control } from '../core/control.ts';
import { bool, oneOf, required, string } from '../core/params.ts';
import { timestamp } from '../core/shared-params.ts';
import { behaveAs } from './payment-method.ts';
import { type Behaviour, succeeds } from './test-cards.ts';

/** What banks think of cards that are saved already. */
export const cardControl: readonly ControlRoute[] = [
  control(
    'POST',
    '/_sim/cards',
    {
      payment_method: required(string()),
      code: string(),
      decline_code: string(),
      advice_code: oneOf('confirm_card_data', 'do_not_try_again', 'try_again_later'),
      network_advice_code: string(),
      authenticates: bool(),
      created: timestamp(),
    },
    ({ world }, { payment_method: id, created, ...says }) => {
      const [, method] = world.locate('payment_method', id, ({ store }) => store.payment_method.get(id));
      if (created !== undefined) method.created = created;
      else behaveAs(method, behaviourOf(says));
      return { payment_method: id };
    },
  ),
];

interface Says {
  code: string | undefined;
  decline_code: string | undefined;
  advice_code: string | undefined;
  network_advice_code: string | undefined;
  authenticates: boolean | undefined;
}

function behaviourOf({ code, decline_code, advice_code, network_advice_code, authenticates }: Says): Behaviour {
  if (authenticates === true) return { kind: 'authenticates' };
  if (code === undefined && decline_code === undefined) return succeeds;
  return {
    kind: 'declines',
    code: code ?? 'card_declined',
    message: 'Your card was declined.',
    attachable: true,
    ...(decline_code === undefined ? {} : { declineCode: decline_code }),
    ...(advice_code === undefined ? {} : { adviceCode: advice_code }),
    ...(network_advice_code === undefined ? {} : { networkAdviceCode: network_advice_code }),
  };
}
