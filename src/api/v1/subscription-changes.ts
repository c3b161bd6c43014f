import { z } from 'zod';
import { confirmChange } from '../../billing/changes/confirm-change.ts';
import { previewChange } from '../../billing/changes/preview-change.ts';
import { toldChange, toldPreview } from '../../billing/changes/told-change.ts';
import type { WantedChange } from '../../billing/changes/wanted-change.ts';
import { featureName } from '../../billing/policy/access.ts';
import { SUBSCRIPTION_ID } from '../../billing/subscriptions/subscription-list.ts';
import { toUnix } from '../../platform/clock.ts';
import { ApiError } from './api-error.ts';
import { changeAnswer } from './change-answers.ts';
import { changing, type Endpoint } from './endpoint.ts';

/** Changing what a subscription is over: docs/subscriptions.md describes it in words. */
const QUANTITY = 'must be 1 to 10000';
const terms = {
  plan: featureName.optional().meta({ description: 'A plan of the policy, by your own name for it.' }),
  price: z
    .string()
    .max(200, 'may have 200 characters')
    .optional()
    .meta({ description: 'By lookup key or id. With a plan one of its prices; else that with the interval of now.' }),
  quantity: z.int(QUANTITY).min(1, QUANTITY).max(10_000, QUANTITY).optional(),
};

const item = z.strictObject({
  item: z
    .string()
    .regex(/^si_\w{1,200}$/, 'must be the id of an item: si_…')
    .optional()
    .meta({ description: 'Without one, a further item is added.' }),
  ...terms,
  remove: z.boolean('must be true or false').optional(),
});

const cents = z.int('must be a whole number, in minor units').min(-99_999_999_999).max(99_999_999_999);

const body = z
  .strictObject({
    ...terms,
    items: z.array(item).min(1, 'must have one').max(20, 'may be 20').optional().meta({
      description: 'Of a subscription with several items. Those that are not named stay as they are.',
    }),
    when: z.enum(['now', 'period_end'], 'must be now or period_end').default('now'),
    preview: z.boolean('must be true or false').default(true).meta({
      description: 'false: make it.',
    }),
    proration_date: z.iso
      .datetime({ offset: true, error: 'must be that of the preview' })
      .nullable()
      .optional()
      .meta({ description: 'To confirm: that of the preview.' }),
    expected: z
      .strictObject({ due_now: cents.min(0, 'must be 0 or more'), total: cents })
      .optional()
      .meta({ description: 'To confirm: what the preview said.' }),
    reason: z
      .string()
      .max(500, 'may have 500 characters')
      .optional()
      .meta({ description: 'Is kept in the audit log.' }),
  })
  .superRefine(({ plan, price, quantity, items, preview, proration_date: date, expected }, context) => {
    const problem = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (items && [plan, price, quantity].some((each) => each !== undefined)) {
      problem('items', 'can’t be given beside plan, price or quantity: those are of the only item');
    }
    if (!preview && !expected) problem('expected', 'is required: due_now and total, as the preview said');
    if (!preview) return;
    for (const [field, given] of Object.entries({ expected, proration_date: date ?? undefined })) {
      if (given !== undefined) problem(field, 'is of a confirmation: send preview as false, too');
    }
  })
  .meta({ id: 'SubscriptionChange', example: { plan: 'pro', preview: true } });

export const subscriptionChanges: readonly Endpoint[] = [
  changing({
    method: 'post',
    path: '/subscriptions/:id/changes',
    name: 'changeSubscription',
    summary: 'Change plan, price or quantity',
    description:
      'First a preview: what is due now, what the change comes to, and the lines. Then the same with `preview: false`, with `proration_date` and `expected` of the preview: what is charged is what was shown. When that does not hold any more, nothing is changed, and the answer is 409 with a new preview. Sent again, the same is made once.',
    scope: 'subscriptions:write',
    id: {
      pattern: SUBSCRIPTION_ID,
      example: 'sub_1Qexample',
      missing: (told) => new ApiError('not_found', `There is no subscription ${told}.`),
    },
    body,
    once: 'repeatable',
    answers: { 200: { description: 'The preview, or what came of the change.', schema: changeAnswer } },
    problems: ['not_found', 'not_allowed', 'preview_stale', 'invalid_fields', 'unavailable'],
    handle: async ({ id, body: asked, actor }, deps) => {
      const wanted = wantedIn(asked);
      const { expected } = asked;
      if (asked.preview || !expected) {
        return { status: 200, body: toldPreview(await previewChange(id, wanted, deps)) };
      }
      const { proration_date: date, reason = 'asked for over /v1' } = asked;
      const confirmed = {
        ...wanted,
        expected: { dueNow: expected.due_now, total: expected.total },
        prorationDate: date ? toUnix(new Date(date)) : null,
      };
      const end = await confirmChange(id, confirmed, { actor, reason }, deps);
      if (end.end === 'made') return { status: 200, body: toldChange(end.change) };
      throw new ApiError('preview_stale', STALE[end.why], { preview: toldPreview(end.preview) });
    },
  }),
];

const STALE = {
  amounts: 'The preview does not hold any more, and nothing was changed: `preview` is a new one.',
  age: 'The preview is older than an hour, and nothing was changed: `preview` is a new one.',
} as const;

function wantedIn({ plan, price, quantity, items, when }: z.output<typeof body>): WantedChange {
  return items ? { items, when } : { only: { plan, price, quantity }, when };
}
