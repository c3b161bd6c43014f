import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { shoot } from './chromium.ts';
import { expectNoSidewaysScrolling } from './invoice-pages.ts';

type Violations = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'];

/** Axe finds nothing by any of its rules (names, labels, contrast, landmarks, order of headings) but those `without`. */
export async function expectAccessible(page: Page, { without = [] }: { without?: string[] } = {}): Promise<void> {
  // The other mode is for frames of other sites, and takes twice the time.
  const { violations } = await new AxeBuilder({ page }).disableRules(without).setLegacyMode().analyze();
  expectNone(violations, page);
}

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** The page as it is shown is readable in light and dark and on a phone, and is kept in all three. */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await shoot(page, `${name} light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  // Axe is on the page already.
  expectNone(
    await page.evaluate<Violations>(`axe.run({ runOnly: ['color-contrast'] }).then((r) => r.violations)`),
    page,
  );
  await shoot(page, `${name} dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await expectNoSidewaysScrolling(page);
  await shoot(page, `${name} phone`);
  await page.setViewportSize(desktop);
}

function expectNone(violations: Violations, page: Page): void {
  const found = violations.map(({ id, help, nodes }) => ({
    rule: id,
    help,
    places: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`),
  }));
  expect(found, page.url()).toEqual([]);
}
