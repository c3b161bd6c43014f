import { agreeAccessAgain, agreeAccessByHand, agreeAccessOfPayment } from './access/agree-access.ts';
import { agreeAccessOnClock } from './access/agree-clock.ts';
import { agreeSecondSubscription } from './access/agree-second-subscription.ts';
import { agreeAccessOfSubscription } from './access/agree-subscription.ts';
import type { Dependents } from './agreement/dependent.ts';
import { agreeRecoveryOnClock } from './recovery/agree-clock.ts';
import { agreeRecovery } from './recovery/agree-recovery.ts';
import { agreePaidAfterEnd } from './subscriptions/agree-paid-after-end.ts';
import { mailAccessGranted, mailFailedAttempt, mailOwnInvoice } from './telling/tell-customer.ts';
import {
  tellOfCreditNote,
  tellOfFailedAttempt,
  tellOfOwnInvoice,
  tellOfPaymentInvoice,
} from './telling/tell-systems.ts';

/**
 * THE LIST of what is derived from which record, and told of it; add a line here. Within a record the order counts: one may
 * read what another has written only if it stands after it. Names stand in rows and are typed on the command line.
 */
export const dependents = {
  own_invoice: { tell_customer: mailOwnInvoice, tell_systems: tellOfOwnInvoice },
  payment_attempt: { tell_customer: mailFailedAttempt, tell_systems: tellOfFailedAttempt },
  payment_invoice: { tell_systems: tellOfPaymentInvoice },
  credit_note: { tell_systems: tellOfCreditNote },
  payment: { access: agreeAccessOfPayment, tell_customer: mailAccessGranted },
  subscription: {
    recovery: agreeRecovery,
    access: agreeAccessOfSubscription,
    second_subscription: agreeSecondSubscription,
    paid_after_end: agreePaidAfterEnd,
  },
  test_clock: { recovery: agreeRecoveryOnClock, access: agreeAccessOnClock },
  access_by_hand: { access: agreeAccessByHand },
  access: { access: agreeAccessAgain },
} satisfies Dependents;
