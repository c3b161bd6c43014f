import type { Context } from '../core/context.ts';
import { invalidParam, notSimulated, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { noteDetails } from './cancel.ts';
import { planCancelAt } from './cancel-at.ts';
import type { updateShape } from './params.ts';
import { checkMethod, type Subscription } from './subscription.ts';
import { ratesOf } from './terms.ts';

type Sent = Partial<Omit<Params<typeof updateShape>, 'items'>>;

/** Checks what needs no invoice; the returned function sets it. What was not sent stays. */
export function planFields(
  context: Context,
  sent: Sent,
  customer: string,
  subscription?: Subscription,
): (subscription: Subscription) => void {
  if (sent.automatic_tax?.enabled === true) throw notSimulated('automatic_tax[enabled]');
  if (sent.collection_method === 'send_invoice') throw notSimulated('collection_method');
  if (sent.days_until_due !== undefined) {
    throw refused('You can only specify days_until_due if collection_method is send_invoice.', {
      param: 'days_until_due',
    });
  }
  checkMethod(context, sent.default_payment_method, customer);
  const { pause_collection: pause } = sent;
  if (pause?.resumes_at !== undefined && pause.resumes_at <= context.now()) {
    throw invalidParam('The resumes_at timestamp must be in the future.', 'pause_collection[resumes_at]');
  }
  const rates =
    sent.default_tax_rates === undefined
      ? undefined
      : ratesOf(context, sent.default_tax_rates ?? [], 'default_tax_rates');
  const metadata = mergeMetadata(subscription?.metadata ?? {}, sent.metadata);
  const ending = planCancelAt(context, sent);
  return (changed) => {
    changed.metadata = metadata;
    if (sent.description !== undefined) changed.description = sent.description;
    if (sent.default_payment_method !== undefined) changed.default_payment_method = sent.default_payment_method;
    if (rates !== undefined) changed.default_tax_rates = rates;
    if (pause !== undefined) {
      changed.pause_collection = pause && { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
    }
    if (sent.cancellation_details !== undefined) noteDetails(changed, sent.cancellation_details);
    setPaymentSettings(changed, sent.payment_settings);
    const missing = sent.trial_settings?.end_behavior.missing_payment_method;
    if (missing !== undefined) {
      changed.trial_settings = { end_behavior: { billing_cycle_anchor: null, missing_payment_method: missing } };
    }
    ending(changed);
  };
}

function setPaymentSettings({ payment_settings: settings }: Subscription, sent: Sent['payment_settings']): void {
  if (settings === null || sent === undefined) return;
  settings.save_default_payment_method = sent.save_default_payment_method ?? settings.save_default_payment_method;
  if (sent.payment_method_types !== undefined) settings.payment_method_types = sent.payment_method_types;
}
