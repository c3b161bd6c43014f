import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Axe finds nothing, by any of its rules (names, labels, contrast, landmarks, order of headings) but those named `without`;
 * or by the rules `only`.
 */
export async function expectAccessible(
  page: Page,
  { only, without = [] }: { only?: string[]; without?: string[] } = {},
): Promise<void> {
  const builder = new AxeBuilder({ page }).disableRules(without);
  const { violations } = await (only ? builder.withRules(only) : builder).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    rule: id,
    help,
    places: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`),
  }));
  expect(found, page.url()).toEqual([]);
}

/** What can differ when the same page is shown in other colours, or on a phone. */
export const otherColours = { only: ['color-contrast'] };
export const otherWidth = { only: ['target-size', 'scrollable-region-focusable'] };
