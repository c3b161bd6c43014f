import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe, expect, onTestFinished, vi } from 'vitest';
import { localFolder } from '../../bin/lib/checkout.ts';
import { chromiumOnPath } from '../../bin/lib/chromium.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { orWhySkipped } from '../support/why-skipped.ts';

/**
 * A real Chromium, one for each test file. `bin/test` finds or installs it and says loudly when there is none; then
 * these tests are skipped, and in CI the run fails.
 */
const executablePath = process.env.TEST_NO_BROWSER ? undefined : process.env.CHROMIUM_PATH || chromiumOnPath();
const lacking = executablePath ? undefined : (process.env.TEST_NO_BROWSER ?? 'no Chromium: bin/test looks for one');

export function describeInBrowser(title: string, tests: () => void): void {
  describe.skipIf(lacking)(orWhySkipped(title, lacking), () => {
    // Many pages in one test, on a machine that may have other things to do.
    vi.setConfig({ testTimeout: 90_000 });
    tests();
  });
}

let browser: Promise<Browser> | undefined;

function startBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error('There is no browser: describe these tests with describeInBrowser');
  const started = chromium.launch({ executablePath, args: ['--disable-gpu', '--force-color-profile=srgb'] });
  releaseAfterFile(async () => {
    browser = undefined;
    await (await started).close();
  });
  return started;
}

/** Somebody with a browser of their own: no cookies, nothing remembered. */
export type Visitor = {
  page: Page;
  context: BrowserContext;
  /** Another tab of the same browser. */
  tab(): Promise<Page>;
  /** Closes the browser now. */
  leave(): Promise<void>;
};

export type VisitorOptions = BrowserContextOptions & {
  /** Origins that the pages may speak to. */
  origins: readonly string[];
  /** Of what Chromium complains in this test on purpose, such as an answer 404. */
  expected?: RegExp;
  /** Stays until the end of the file, which then fails for what is in the console: the next page shows in half the time. */
  stays?: boolean;
};

/** When it leaves, at the end of the test, nothing may be in the console, and nothing may have been asked of another host. */
export async function visitor({ origins, expected, stays = false, ...options }: VisitorOptions): Promise<Visitor> {
  browser ??= startBrowser();
  const context = await (await browser).newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!expected?.test(text)) complaints.push(text);
  };
  context.on('console', (message) => {
    const told = `console: ${message.text()} (${message.location().url})`;
    if (['error', 'warning'].includes(message.type())) complain(told);
  });
  context.on('weberror', (error) => complain(`error on the page: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && !origins.includes(origin)) complain(`request to another host: ${request.url()}`);
  });
  const page = await context.newPage();
  const leave = async () => {
    await context.close();
    expect(complaints).toEqual([]);
  };
  if (stays) releaseAfterFile(leave);
  else
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') await shoot(page, `failed ${task.name}`).catch(() => {});
      await leave();
    });
  return { page, context, tab: () => context.newPage(), leave: () => context.close() };
}

const screenshots = join(localFolder, 'screenshots');

/** Kept as `.local/screenshots/<name>.png`: the whole page, as it looks. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  const file = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  await page.screenshot({ path: join(screenshots, `${file}.png`), fullPage: true, animations: 'disabled' });
}
