import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { array, clearable, object, type Params, string, unsimulated } from '../core/params.ts';
import type { Reduction } from './totals.ts';

type Coupon = ObjectTypes['coupon'];
type Customer = ObjectTypes['customer'];
type Discount = ObjectTypes['discount'];

const discountShape = { coupon: string(), discount: string(), promotion_code: unsimulated() } as const;

/** Coupons to redeem or discounts to reuse; an empty string means none, which is not the same as not sent. */
export const discountsParam = () => clearable(array(object(discountShape), { max: 20 }));

type Sent = Params<typeof discountShape>;

/** What a discount is given to. */
type Owner = Partial<Pick<Discount, 'customer' | 'invoice' | 'invoice_item'>>;

/** Checks what was sent; the returned function redeems the coupons and gives the ids of the discounts. */
export function planDiscounts(
  context: Context,
  sent: readonly Sent[],
  currency: string,
  param: string,
): (owner: Owner) => string[] {
  const plans = sent.map(({ coupon, discount }, index) => {
    const name = `${param}[${index}]`;
    if (coupon !== undefined) {
      const redeemed = redeemable(context, coupon, currency, `${name}[coupon]`);
      return (owner: Owner) => redeem(context, redeemed, owner).id;
    }
    if (discount === undefined) throw invalidParam('Must provide coupon, promotion_code, or discount.', name);
    const { id } = context.store.discount.need(discount, `${name}[discount]`);
    return () => id;
  });
  return (owner) => plans.map((plan) => plan(owner));
}

function redeemable(context: Context, id: string, currency: string, param: string): Coupon {
  const coupon = context.store.coupon.need(id, param);
  if (!coupon.valid) {
    throw refused(`Coupon ${id} is used up and cannot be applied.`, { code: 'coupon_expired', param });
  }
  if (coupon.amount_off !== null && coupon.currency !== currency) {
    throw refused(`Coupon ${id} is in ${coupon.currency} and cannot be applied to an invoice in ${currency}.`, {
      param,
    });
  }
  return coupon;
}

export function redeem(context: Context, coupon: Coupon, owner: Owner): Discount {
  coupon.times_redeemed++;
  if (coupon.max_redemptions !== null && coupon.times_redeemed >= coupon.max_redemptions) coupon.valid = false;
  return context.store.discount.add({
    id: context.id('di_'),
    object: 'discount',
    checkout_session: null,
    customer: owner.customer ?? null,
    customer_account: null,
    end: null,
    invoice: owner.invoice ?? null,
    invoice_item: owner.invoice_item ?? null,
    promotion_code: null,
    source: { coupon: coupon.id, type: 'coupon' },
    start: context.now(),
    subscription: null,
    subscription_item: null,
  });
}

/** The ids of what an invoice takes over from its customer when the request does not speak of discounts. */
export function inheritedDiscounts(context: Context, { discount }: Customer): string[] {
  if (discount == null) return [];
  const { store } = context;
  if (store.discount.get(discount.id) === undefined) store.discount.add(discount);
  return [discount.id];
}

export function reductionOf(context: Context, discountId: string): Reduction {
  const { source } = context.store.discount.need(discountId);
  const coupon = context.store.coupon.get(source.coupon ?? '');
  return {
    discount: discountId,
    percentOff: coupon?.percent_off ?? null,
    amountOff: coupon?.amount_off ?? null,
  };
}
