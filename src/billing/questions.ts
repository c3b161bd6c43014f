import * as access from './choices/access.ts';
import * as event from './choices/event.ts';
import * as message from './choices/message.ts';
import * as note from './choices/note.ts';
import * as payment from './choices/payment.ts';
import * as recovery from './choices/recovery.ts';
import * as money from './choices/second-money.ts';
import * as subscription from './choices/subscription.ts';
import type { Deps } from './deps/deps.ts';
import { decide, type ReviewDecision } from './desk/decide.ts';
import type { AskedQuestion, Choice, Choices, ChoicesByKind } from './desk/questions.ts';

/**
 * THE LIST: what may be decided about each kind of question. Each has a choice that ends it. What a kind tells stands with
 * the feature that asks it (`<feature>/questions.ts`).
 */
export const choices = {
  eligibility_unclear: [payment.invoiceIt, payment.invoiceInOneLine, payment.skipForGood],
  line_items_differ: [payment.invoiceInOneLine, payment.tryAgain, payment.skipForGood],
  invoice_total_differs: [payment.tryAgain, payment.invoiceInOneLine, payment.skipForGood],
  invoice_refused: [payment.tryAgain, payment.invoiceInOneLine, payment.skipForGood],
  invoice_not_settled: [payment.tryAgain, payment.skipForGood],
  invoice_changed_by_hand: [payment.acceptAsItIs, payment.beginAnew, payment.skipForGood],
  customer_balance_consumed: [payment.acceptAsItIs], // paid: there is nothing else that it could be
  payment_not_booked: [payment.lookAgain, payment.dateAsGiven, payment.skipForGood],
  document_paid_again: [money.refundSecond, money.keepSecond],

  double_payment: [money.refundAsDuplicate, money.keepPayment],
  payment_mismatch: [money.refundAsDuplicate, money.keepPayment],
  foreign_session: [money.closeSession, money.leaveSession],

  refund_failed_after_note: [note.keepNote, note.reverse],
  dispute_won_after_note: [note.keepNote, note.reverse],
  adjustment_currency_differs: [note.issueAgain, note.noNote],
  adjustment_not_covered: [note.restByHand],
  adjusted_invoice_not_paid: [note.issueAgain, note.noNote],
  credit_note_refused: [note.issueAgain, note.noNote],
  duplicate_refund_failed: [money.refundOnceMore, money.keepSecond],

  access_without_reference: [access.giveTo, access.giveToNobody],
  subscription_without_reference: [access.giveTo, access.giveToNobody],
  price_without_plan: [access.policyNamesIt, access.givesNothing],
  second_subscription: [subscription.cancelLater, subscription.cancelEarlier, subscription.keepBoth],
  payment_after_end: [subscription.refundInvoice, subscription.keepPayment],

  recovery_without_address: [recovery.writeTo, recovery.writeToNobody],
  unpaid_drafts_left: [recovery.chargeDrafts, recovery.voidDrafts],
  recovery_end_refused: [recovery.endAgain, recovery.leaveAsIs],

  event_failed: [event.processAgain, event.endAsIgnored],
  stripe_unreachable: [event.askStripeNow],
  stripe_permission_missing: [event.permissionGranted],
  event_type_unknown: [event.waitForRelease, event.ignoreType],

  message_undelivered: [message.sendAgain, message.leaveUnsent],
  webhook_gone: [message.tellAgain, message.leaveDisabled],
} satisfies ChoicesByKind;

/** Of a kind that a newer release asks: its own workers and console know the choices. */
const NONE: readonly Choice[] = [];

export function choicesFor(item: AskedQuestion): readonly Choice[] {
  const known: Readonly<Record<string, Choices>> = choices;
  const offered = Object.hasOwn(known, item.kind) ? known[item.kind] : undefined;
  return offered?.filter(({ fits }) => fits?.(item) ?? true) ?? NONE;
}

/** @see decide */
export async function decideReview(id: number, decision: ReviewDecision, deps: Deps): Promise<string> {
  return decide(id, decision, choicesFor, deps);
}
