import { expect, test } from 'vitest';
import type { WantedChange } from '../../src/billing/changes/wanted-change.ts';
import { rows } from '../../src/platform/db.ts';
import { OutcomeUnknown } from '../../src/platform/errors.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { changesOf, DAY } from '../support/changes.ts';
import { policyFile } from '../support/policy-file.ts';
import type { Fault } from '../support/simulated-stripe.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** Stripe changes the subscription, and its answer is lost, or says that it failed: it is charged once all the same. */
const billing = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side } = billing;
const plans = await plansOf(side);
const { begun, preview, confirm, change, invoices, useCard, pass } = changesOf(billing);
const toPro = { only: { plan: 'pro' }, when: 'now' } as const;
const update = { method: 'POST', path: '/v1/subscriptions/{id}' } as const;

async function previewed() {
  const { id } = await begun([{ price: plans.basic.id }]);
  await pass(DAY);
  return { id, seen: await preview(id, toPro) };
}

test.each<[string, Omit<Fault, 'path' | 'method'>]>([
  ['the answer is lost once', { kind: 'drop', count: 1 }],
  ['it is made, and said to have failed', { kind: 'error_after', count: 1 }],
  ['it fails before anything is done', { kind: 'error_before', count: 1 }],
  ['the connection breaks', { kind: 'reset', where: 'after', count: 1 }],
  ['somebody else holds it', { kind: 'lock_timeout', count: 1 }],
])('%s: it is made once', async (_, fault) => {
  const { id, seen } = await previewed();
  await side.fault({ ...update, ...fault });
  const end = await confirm(id, toPro, seen).catch(() => confirm(id, toPro, seen));
  await side.endFaults();
  expect(end).toMatchObject({ end: 'made', change: { outcome: 'applied', charged_due: seen.dueNow } });
  expect((await invoices(id)).map(({ total }) => total)).toEqual([1_000, seen.total]);
});

test('while every answer is lost nobody says that nothing was changed; the same again is found made', async () => {
  const { id, seen } = await previewed();
  await side.fault({ ...update, kind: 'drop' });
  const lost = confirm(id, toPro, seen);
  await expect(lost).rejects.toThrow(OutcomeUnknown);
  await expect(lost).rejects.toThrow(/is not known yet. Send the same again: it is made once/);
  await side.endFaults();
  expect(await confirm(id, toPro, seen)).toMatchObject({ end: 'made', change: { charged_due: seen.dueNow } });
  expect(await invoices(id)).toHaveLength(2);
});

test.each<[string, WantedChange, string]>([
  ['a further item', { items: [{ plan: 'seats', quantity: 2 }], when: 'now' }, 'pm_card_visa'],
  ['what waits for its payment', toPro, 'pm_card_chargeCustomerFail'],
])('%s, whose answers were all lost, is there once', async (_, wanted, card) => {
  const { id, customer } = await begun([{ price: plans.basic.id }]);
  await useCard(customer, card);
  await pass(DAY);
  const seen = await preview(id, wanted);
  await side.fault({ ...update, kind: 'drop' });
  await expect(confirm(id, wanted, seen)).rejects.toThrow(OutcomeUnknown);
  await side.endFaults();
  expect(await confirm(id, wanted, seen)).toMatchObject({ end: 'made', change: { charged_due: seen.dueNow } });
  const ofChanges = (await invoices(id)).filter(({ billing_reason: reason }) => reason === 'subscription_update');
  expect(ofChanges).toHaveLength(1);
});

test('what was begun a day ago is looked at, and not asked for again', async () => {
  for (const kind of ['drop', 'error_before'] as const) {
    const { id, seen } = await previewed();
    await side.fault({ ...update, kind });
    await confirm(id, toPro, seen).catch(() => undefined);
    await side.endFaults();
    await rows(
      deps.db,
      `UPDATE subscription_changes SET asked_at = asked_at - interval '1 day' WHERE subscription = ?`,
      [id],
    );
    await side.forgetRequests();
    const end = await confirm(id, toPro, seen);
    const made = kind === 'drop';
    expect(end).toMatchObject({ end: 'made', change: { charged_due: seen.dueNow, charged_total: seen.total } });
    const asked = (await side.requests()).filter(
      ({ template, method }) => template === update.path && method === 'POST',
    );
    expect([kind, asked.length]).toEqual([kind, made ? 0 : 1]);
    expect(await invoices(id)).toHaveLength(2);
  }
});

test('a change that is on its way is not overtaken by another one', async () => {
  const { id, seen } = await previewed();
  await side.fault({ ...update, kind: 'drop' });
  await expect(confirm(id, toPro, seen)).rejects.toThrow(OutcomeUnknown);
  await side.endFaults();
  const seats = { items: [{ plan: 'seats', quantity: 2 }], when: 'now' } as const;
  await expect(change(id, seats)).rejects.toThrow(/was begun a moment ago.*Confirm that one again/);
  await rows(
    deps.db,
    `UPDATE subscription_changes SET asked_at = asked_at - interval '10 minutes' WHERE subscription = ?`,
    [id],
  );
  expect((await change(id, seats)).change.outcome).toBe('applied');
  // The first was found made.
  const states = await rows<{ state: string }>(
    deps.db,
    'SELECT state FROM subscription_changes WHERE subscription = ?',
    [id],
  );
  expect(states.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(await invoices(id)).toHaveLength(3);
});

test('what Stripe refuses is told, and can be asked for again', async () => {
  const { id, seen } = await previewed();
  await side.fault({ ...update, kind: 'refuse', count: 1 });
  await expect(confirm(id, toPro, seen)).rejects.toThrow(/Stripe refuses this, and nothing was changed/);
  await side.endFaults();
  expect(await confirm(id, toPro, seen)).toMatchObject({ end: 'made' });
});
