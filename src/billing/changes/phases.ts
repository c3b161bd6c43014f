import type Stripe from 'stripe';
import { bug } from '../../platform/errors.ts';
import type { AskedParams, ItemParam } from './change-params.ts';

type Phase = Stripe.SubscriptionSchedule.Phase;
type PhaseItem = Stripe.SubscriptionSchedule.Phase.Item;
type PhaseParam = Stripe.SubscriptionScheduleUpdateParams.Phase;
type ItemOfPhase = Stripe.SubscriptionScheduleUpdateParams.Phase.Item;
type DiscountOfPhase = Stripe.SubscriptionScheduleUpdateParams.Phase.Discount;

/** A schedule holds the subscription for as long as a phase lasts, and nobody can change it meanwhile: no longer than a day. */
const HELD = { interval: 'day', interval_count: 1 } as const;

/**
 * The phases of a schedule that was made from a subscription, with one that has other items; pure. A phase is sent whole: what is
 * not sent of it is taken away.
 * @param prices of the items of the subscription, by the item: a phase knows its items by their prices alone
 */
export function phasesWith(
  { phases: before, current_phase: current, id }: Pick<Stripe.SubscriptionSchedule, 'phases' | 'current_phase' | 'id'>,
  prices: ReadonlyMap<string, string>,
  { items: asked, restarts }: Pick<AskedParams, 'items' | 'restarts'>,
): { readonly phases: PhaseParam[]; readonly end: number } {
  const running =
    before.find(({ start_date: start }) => start === current?.start_date) ?? bug(`no phase of ${id} runs`);
  const items = running.items.map(itemParam);
  const carried = carriedOn(running);
  return {
    end: running.end_date,
    phases: [
      { ...carried, items, start_date: running.start_date, end_date: running.end_date },
      {
        ...carried,
        items: itemsAfter(items, prices, asked),
        duration: HELD,
        proration_behavior: 'none',
        ...(restarts ? { billing_cycle_anchor: 'phase_start' } : {}),
      },
    ],
  };
}

function itemsAfter(
  items: readonly ItemOfPhase[],
  prices: ReadonlyMap<string, string>,
  asked: readonly ItemParam[],
): ItemOfPhase[] {
  const stays = items.flatMap((item) => {
    const change = asked.find(({ id }) => id !== undefined && prices.get(id) === item.price);
    if (change?.deleted) return [];
    if (!change) return [item];
    const { quantity: _, ...rest } = item;
    return [{ ...rest, ...termsOf(change) }];
  });
  return [...stays, ...asked.flatMap((each) => (each.id === undefined ? [termsOf(each)] : []))];
}

function termsOf({ price, quantity }: ItemParam): ItemOfPhase {
  return { ...(price === undefined ? {} : { price }), ...(quantity === undefined ? {} : { quantity }) };
}

function itemParam({ price, quantity, metadata, tax_rates: rates, discounts }: PhaseItem): ItemOfPhase {
  return {
    price: idOf(price),
    ...(quantity === undefined ? {} : { quantity }),
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(rates && rates.length > 0 ? { tax_rates: rates.map(idOf) } : {}),
    ...(discounts.length > 0 ? { discounts: discounts.map(discountParam) } : {}),
  };
}

function carriedOn(phase: Phase): Omit<PhaseParam, 'items'> {
  const { collection_method, default_payment_method: method, default_tax_rates: rates, discounts, metadata } = phase;
  const { automatic_tax: tax, description, invoice_settings: settings } = phase;
  const due = settings?.days_until_due ?? null;
  return {
    ...(collection_method === null ? {} : { collection_method }),
    ...(method === null ? {} : { default_payment_method: idOf(method) }),
    ...(rates && rates.length > 0 ? { default_tax_rates: rates.map(idOf) } : {}),
    ...(discounts.length > 0 ? { discounts: discounts.map(discountParam) } : {}),
    ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    ...(tax?.enabled ? { automatic_tax: { enabled: true } } : {}),
    ...(description === null ? {} : { description }),
    ...(due === null ? {} : { invoice_settings: { days_until_due: due } }),
  };
}

/** A discount that is running goes on as itself; a coupon would begin anew. */
function discountParam({
  discount,
  coupon,
  promotion_code: code,
}: Stripe.SubscriptionSchedule.Phase.Discount): DiscountOfPhase {
  if (discount) return { discount: idOf(discount) };
  if (code) return { promotion_code: idOf(code) };
  return coupon ? { coupon: idOf(coupon) } : {};
}

function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}
