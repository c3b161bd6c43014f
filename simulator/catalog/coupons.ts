import { invalidParam, refused } from '../core/errors.ts';
import { token } from '../core/ids.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { decimal, int, oneOf, string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import {
  createdParam,
  currency,
  inRange,
  listParams,
  mergeMetadata,
  metadata,
  timestamp,
} from '../core/shared-params.ts';

type Coupon = ObjectTypes['coupon'];

/** https://docs.stripe.com/api/coupons */
export const coupons: Resource = {
  expansions: {},
  routes: [
    route(
      'POST',
      '/v1/coupons',
      {
        id: string(),
        amount_off: int({ min: 1 }),
        applies_to: unsimulated(),
        currency: currency(),
        currency_options: unsimulated(),
        duration: oneOf('forever', 'once', 'repeating'),
        duration_in_months: int({ min: 1 }),
        max_redemptions: int({ min: 1 }),
        metadata: metadata(),
        name: text({ max: 40 }),
        percent_off: decimal({ min: 0.01, max: 100 }),
        redeem_by: timestamp(),
      },
      (context, params) => {
        if ((params.amount_off === undefined) === (params.percent_off === undefined)) {
          throw invalidParam('You must pass exactly one of `amount_off` or `percent_off`.', 'percent_off');
        }
        if (params.amount_off !== undefined && params.currency === undefined) {
          throw invalidParam('You must pass `currency` when passing `amount_off`.', 'currency', 'parameter_missing');
        }
        const id = params.id ?? token(8);
        if (context.store.coupon.get(id) !== undefined) {
          throw refused('Coupon already exists.', { code: 'resource_already_exists' });
        }
        const coupon: Coupon = {
          id,
          object: 'coupon',
          amount_off: params.amount_off ?? null,
          created: context.now(),
          currency: params.amount_off === undefined ? null : (params.currency ?? null),
          duration: params.duration ?? 'once',
          duration_in_months: params.duration_in_months ?? null,
          livemode: context.livemode,
          max_redemptions: params.max_redemptions ?? null,
          metadata: mergeMetadata({}, params.metadata),
          name: params.name ?? null,
          percent_off: params.percent_off ?? null,
          redeem_by: params.redeem_by ?? null,
          times_redeemed: 0,
          valid: true,
        };
        context.store.coupon.add(coupon);
        context.emit('coupon.created', coupon);
        return coupon;
      },
    ),
    route(
      'POST',
      '/v1/coupons/{id}',
      { currency_options: unsimulated(), metadata: metadata(), name: text({ max: 40 }) },
      (context, params, { id }) => {
        const coupon = context.store.coupon.need(id);
        return context.change(coupon, 'coupon.updated', () => {
          if (params.name !== undefined) coupon.name = params.name;
          coupon.metadata = mergeMetadata(coupon.metadata, params.metadata);
        });
      },
    ),
    route('GET', '/v1/coupons/{id}', {}, (context, _params, { id }) => context.store.coupon.need(id)),
    route('GET', '/v1/coupons', { ...listParams, ...createdParam }, (context, params) => {
      const { created } = params;
      const found = context.store.coupon.newestFirst(
        (coupon) => created === undefined || inRange(coupon.created, created),
      );
      return paginate(found, params, '/v1/coupons');
    }),
    route('DELETE', '/v1/coupons/{id}', {}, (context, _params, { id }) => {
      const coupon = context.store.coupon.need(id);
      const stub = context.store.coupon.delete(id);
      context.emit('coupon.deleted', coupon);
      return stub;
    }),
  ],
};
