import { expect, test } from 'vitest';
import { endpoints } from '../../src/api/v1/endpoints.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { apiUnderTest } from '../support/api.ts';
import { describeInBrowser, shoot, visitor } from './chromium.ts';

/** The page to try /v1, under a content policy of its own: it asks nobody but this api, and the browser has no complaint. */
const { api, db } = await apiUnderTest();

describeInBrowser('/v1/docs', () => {
  test('shows every endpoint, and lets a request be tried with a key', async () => {
    const { page } = await visitor({ origins: [new URL(api.url).origin] });
    const answer = await page.goto(`${api.url}/v1/docs`);
    expect(answer?.headers()['content-security-policy']).toContain("connect-src 'self'");
    await page.getByRole('heading', { name: /Quittance/ }).waitFor();
    expect(await page.locator('.opblock-summary-path').allInnerTexts()).toHaveLength(endpoints.length);
    for (const { summary } of endpoints) await page.getByText(summary, { exact: true }).waitFor();
    await shoot(page, 'api-docs');

    await page.getByRole('button', { name: 'Authorize' }).click();
    await page
      .getByRole('textbox', { name: /auth|value/i })
      .fill(await createApiKey(db, 'browser', ['invoices:read'], 'test'));
    await page.locator('.modal-btn.authorize').click();
    await page.locator('.btn-done').click();
    await page.getByText('List invoices', { exact: true }).click();
    const listed = page.waitForResponse((each) => each.url().includes('/v1/invoices'));
    await page.getByRole('button', { name: 'Execute' }).click();
    expect(await (await listed).json()).toEqual({ data: [], has_more: false });
    await page.getByText('"has_more": false').first().waitFor();
    await shoot(page, 'api-docs-tried');
  });
});
