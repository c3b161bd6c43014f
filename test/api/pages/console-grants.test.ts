import { describe, expect, test } from 'vitest';
import { askPerson } from '../../../src/billing/desk/review-items.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** Who may use what, looked at and changed by people. */
const site = await siteUnderTest();
const { db } = site.deps;
const operator = await site.as('operator');
const viewer = await site.as('viewer');
const by = { reason: 'a teacher' };

describe('an operator', () => {
  test('gives something to somebody who has nothing, for a time, and ends it', async () => {
    const opened = await operator('/console/access?q=user%2F1&open=yes');
    expect(opened.location).toBe('/console/access/user%2F1');
    expect(textOf((await operator('/console/access/user%2F1')).html)).toMatch(
      /Access of user\/1.*Nothing may be used now/,
    );
    const given = await operator('/console/access/user%2F1/grant', {
      form: { feature: 'oil', until: '2099-12-31', ...by },
    });
    expect(given.location).toBe('/console/access/user%2F1?done=granted');
    const { oil } = await featuresOf(site.deps, 'user/1');
    expect(oil).toMatchObject({ until: '2100-01-01T00:00:00.000Z', cause: expect.stringMatching(/^hand:\d+$/) });
    const room = await operator(given.location ?? '');
    expect(textOf(room.html)).toMatch(/It was given.*oil yes 2100-01-01 00:00 UTC given by hand/);
    const ended = await operator('/console/access/user%2F1/end', { form: { cause: oil?.cause ?? '', reason: 'left' } });
    expect(ended.location).toBe('/console/access/user%2F1?done=ended');
    expect(await featuresOf(site.deps, 'user/1')).toEqual({});
    expect(textOf((await operator('/console/access/user%2F1')).html)).toMatch(
      /: left.*access\.grant.*a teacher.*access\.end.*left/,
    );
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['no feature', { feature: '', until: '', ...by }, /A feature has lower-case letters/],
    ['a feature that is none', { feature: 'Oil Painting', until: '', ...by }, /A feature has lower-case letters/],
    ['a day that is none', { feature: 'oil', until: '2099-02-30', ...by }, /2099-02-30 is no day/],
    ['a day that is over', { feature: 'oil', until: '2020-01-01', ...by }, /is not in the future/],
    ['no reason', { feature: 'oil', until: '', reason: ' ' }, /A reason is needed/],
  ])('is told what is wrong with %s, and nothing is given', async (_what, form, problem) => {
    const answer = await operator('/console/access/user-2/grant', { form });
    expect([422, 409]).toContain(answer.status);
    expect(textOf(answer.html)).toMatch(problem);
    expect(answer.html).toMatch(/<details class="action" open/);
    expect(await featuresOf(site.deps, 'user-2')).toEqual({});
  });

  test('finds people by the beginning of their reference, latest change first', async () => {
    for (const who of ['team-a', 'team-b', 'other']) {
      await operator(`/console/access/${who}/grant`, { form: { feature: 'oil', until: '', ...by } });
    }
    expect(textOf((await operator('/console/access?q=team')).html)).toMatch(/team-b .*team-a /);
    expect(textOf((await operator('/console/access?q=team')).html)).not.toContain('other');
    expect(textOf((await operator('/console/access?q=x%25')).html)).toContain('Nobody is found');
  });

  test('answers whose a purchase is, with the reference typed beside the choice', async () => {
    const payment = 'pi_asked';
    await rows(db, `INSERT INTO payments (payment_intent, livemode) VALUES (?, false)`, [payment]);
    await rows(db, `INSERT INTO purchases (payment_intent, amount, currency, paid_at) VALUES (?, 900, 'eur', now())`, [
      payment,
    ]);
    const details = { payment_intent: payment, bought: 'Oil', amount: 900, currency: 'eur' };
    await askPerson(db, { kind: 'access_without_reference', subject: payment, summary: 'Whose?', details });
    const { id } = (await firstRow<{ id: number }>(db, 'SELECT id FROM review_items WHERE subject = ?', [payment])) ?? {
      id: 0,
    };
    expect(textOf((await operator(`/console/reviews/${id}`)).html)).toContain('Reference in the application');
    const without = await operator(`/console/reviews/${id}`, {
      form: { choice: 'give_to', given: '', reason: 'asked him' },
    });
    expect([without.status, textOf(without.html)]).toEqual([409, expect.stringContaining('needs: Reference')]);
    const answer = await operator(`/console/reviews/${id}`, {
      form: { choice: 'give_to', given: 'user-9', reason: 'asked him' },
    });
    expect(answer.location).toBe(`/console/reviews/${id}?done=decided`);
    expect(
      await firstRow(db, 'SELECT reference, reason FROM access_assignments WHERE cause = ?', [`payment:${payment}`]),
    ).toEqual({
      reference: 'user-9',
      reason: 'asked him',
    });
  });
});

test('a viewer looks, and changes nothing', async () => {
  const { html } = await viewer('/console/access/team-a');
  expect(html.match(/method="post"/g)).toHaveLength(1);
  expect((await viewer('/console/access/team-a/grant', { form: { feature: 'x', ...by } })).status).toBe(403);
});
