import { describe, expect, test } from 'vitest';
import { addEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { listEndpoints } from '../../../src/messages/endpoints.ts';
import { rows } from '../../../src/platform/db.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

const site = await siteUnderTest();
const { db } = site.deps;
const operator = await site.as('operator');
const viewer = await site.as('viewer');

let added = 0;
async function endpoint({ disabled = false } = {}): Promise<string> {
  added += 1;
  const url = `https://systems.example/${added}`;
  await addEndpoint(db, { url, types: ['invoice.paid'], allowPrivate: false }, 'test');
  if (disabled) {
    await rows(
      db,
      `UPDATE outgoing_endpoints SET disabled_at = now(), disabled_reason = 'it answered 410' WHERE url = ?`,
      [url],
    );
  }
  return url;
}
const found = async (url: string) => (await listEndpoints(db)).find((each) => each.url === url);
const auditOf = (url: string) =>
  rows(db, `SELECT actor, action, reason FROM audit_log WHERE subject = ? AND action <> 'webhook.add'`, [url]);

describe('the systems that are told', () => {
  test('are listed with what they are told and whether they are; a viewer sees no more than that', async () => {
    const url = await endpoint({ disabled: true });
    const { html } = await viewer('/console/systems');
    expect(textOf(html)).toMatch(new RegExp(`${url} invoice\\.paid .* disabled .* it answered 410`));
    expect(html.match(/method="post"/g)).toHaveLength(1);
    expect((await viewer('/console/systems/remove', { form: { url, reason: 'x' } })).status).toBe(403);
    expect(await found(url)).toBeDefined();
  });

  test('are told again, or no more, each with a reason that is kept', async () => {
    const url = await endpoint({ disabled: true });
    const again = await operator('/console/systems/enable', { form: { url, reason: 'the shop is mended' } });
    expect(again.location).toBe('/console/systems?done=enabled');
    expect(textOf((await operator(again.location ?? '')).html)).toContain('told what happens from now on');
    expect(await found(url)).toMatchObject({ disabled_at: null });
    const gone = await operator('/console/systems/remove', { form: { url, reason: 'moved' } });
    expect(gone.location).toBe('/console/systems?done=removed');
    expect(await found(url)).toBeUndefined();
    expect(await auditOf(url)).toEqual([
      { actor: 'admin:operator', action: 'webhook.enable', reason: 'the shop is mended' },
      { actor: 'admin:operator', action: 'webhook.remove', reason: 'moved' },
    ]);
  });

  test('stay as they are without a reason, and what was typed is at the system that it was typed for', async () => {
    const [one, other] = [await endpoint(), await endpoint()];
    const none = await operator('/console/systems/remove', { form: { url: one, reason: ' ' } });
    expect([none.status, textOf(none.html)]).toEqual([422, expect.stringContaining('A reason is needed')]);
    expect(none.html.match(/<details class="action" open>/g)).toHaveLength(1);
    expect(none.html).toMatch(new RegExp(`<details class="action" open>[^§]*?value="${one}"`));
    expect([await found(one), await found(other)]).toEqual([expect.anything(), expect.anything()]);
  });

  test('that are not there any more are said to be gone', async () => {
    const answer = await operator('/console/systems/enable', {
      form: { url: 'https://systems.example/none', reason: 'x' },
    });
    expect([answer.status, textOf(answer.html)]).toEqual([409, expect.stringContaining('There is no endpoint')]);
  });
});
