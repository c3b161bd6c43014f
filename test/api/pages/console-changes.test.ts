import { expect, test } from 'vitest';
import { rows } from '../../../src/platform/db.ts';
import { changesOf, DAY } from '../../support/changes.ts';
import { policyFile } from '../../support/policy-file.ts';
import { plansAccess, plansOf } from '../../support/subscriptions.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** A person changes a subscription: the numbers side by side, then what was shown. */
const site = await siteUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side } = site;
const plans = await plansOf(side);
const { begun, invoices, pass, useCard } = changesOf(site);
const operator = await site.as('operator');
const viewer = await site.as('viewer');

const priceOf = async (id: string) => (await side.stripe.subscriptions.retrieve(id)).items.data[0]?.price.id;
async function basic() {
  const made = await begun([{ price: plans.basic.id }]);
  await pass(DAY);
  return { ...made, room: `/console/subscriptions/${made.id}` };
}
/** What the page sends along of the preview. */
function hiddenIn(html: string): Record<string, string> {
  const found = html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

const landed = async ({ location }: { location: string | null }) => textOf((await operator(location ?? '')).html);

test('what it comes to is shown, and nothing is changed', async () => {
  const { id, item, room } = await basic();
  expect((await operator(room)).html).toContain(`href="${room}/change"`);
  const page = await operator(`${room}/change`, { form: { item, plan: 'pro', when: 'now' } });
  expect(page.status).toBe(200);
  const text = textOf(page.html);
  expect(text).toMatch(
    /Due now EUR \d+\.\d\d Total EUR \d+\.\d\d Balance used EUR 0\.00 Takes effect when what is due is paid/,
  );
  expect(text).toMatch(/Unused time on Basic.* EUR -\d+\.\d\d Remaining time on Pro.* EUR \d+\.\d\d/);
  expect([await priceOf(id), (await invoices(id)).length]).toEqual([plans.basic.id, 1]);
});

test('confirmed, what was shown is charged, and the audit log has who and why', async () => {
  const { id, item, room } = await basic();
  const page = await operator(`${room}/change`, { form: { item, plan: 'pro', when: 'now' } });
  const hidden = hiddenIn(page.html);
  const done = await operator(`${room}/change/confirm`, { form: { ...hidden, reason: 'he has called' } });
  expect([done.status, await landed(done)]).toEqual([
    303,
    expect.stringContaining('is changed, and what was shown is charged'),
  ]);
  expect((await invoices(id)).at(-1)?.amount_paid).toBe(Number(hidden.due));
  expect(await rows(deps.db, 'SELECT action, reason FROM audit_log WHERE subject = ?', [id])).toEqual([
    { action: 'subscription.change', reason: 'he has called' },
  ]);
});

test('what does not hold any more is shown as it stands now, with what was typed', async () => {
  const { id, item, customer, room } = await basic();
  const page = await operator(`${room}/change`, { form: { item, plan: 'pro', when: 'now' } });
  await side.stripe.invoiceItems.create({ customer, amount: 500, currency: 'eur' });
  const again = await operator(`${room}/change/confirm`, { form: { ...hiddenIn(page.html), reason: 'he has called' } });
  expect(again.status).toBe(409);
  expect(textOf(again.html)).toContain('What it comes to has changed since it was shown.');
  expect(Number(hiddenIn(again.html).due)).toBe(Number(hiddenIn(page.html).due) + 500);
  expect(again.html).toContain('value="he has called"');
  expect(await priceOf(id)).toBe(plans.basic.id);
});

test('a card that is declined, and a change with the next period, are told so', async () => {
  const declined = await basic();
  await useCard(declined.customer, 'pm_card_chargeCustomerFail');
  const planned = await basic();
  for (const [{ room, item }, when, said] of [
    [declined, 'now', 'waits for the payment of its invoice'],
    [planned, 'period_end', 'it comes with the next period'],
  ] as const) {
    const page = await operator(`${room}/change`, { form: { item, plan: 'pro', when } });
    const done = await operator(`${room}/change/confirm`, { form: { ...hiddenIn(page.html), reason: 'x' } });
    expect(await landed(done)).toContain(said);
  }
});

test('what is wrong is said, and nobody but an operator may', async () => {
  const { item, room } = await basic();
  const wrong = async (form: Record<string, string>) => textOf((await operator(`${room}/change`, { form })).html);
  expect(await wrong({ item, quantity: 'two' })).toContain('two is no quantity');
  expect(await wrong({ item, plan: 'basic' })).toContain('Nothing would change');
  expect(await wrong({ item: 'further', quantity: '2' })).toContain('is required for a further item');
  expect(await wrong({ item, remove: 'yes' })).toContain('to end the subscription, cancel it');
  const torn = await operator(`${room}/change/confirm`, { form: { item, plan: 'pro', reason: 'x' } });
  expect([torn.status, textOf(torn.html)]).toEqual([422, expect.stringContaining('does not say what it has shown')]);
  expect((await viewer(`${room}/change`)).status).toBe(403);
  expect((await viewer(room)).html).not.toContain(`${room}/change`);
});
