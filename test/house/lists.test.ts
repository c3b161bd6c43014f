import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { choices } from '../../src/billing/questions.ts';
import { type EventRoute, stripeEvents } from '../../src/billing/stripe-events.ts';
import { settings } from '../../src/platform/config.ts';
import { STRIPE_API_VERSION } from '../../src/stripe/client.ts';
import { subcommandsOf } from './command-line.ts';
import { documentNamed, firstCode, tableBelow } from './document-text.ts';

/** The lists in the documents are those of the code, the other way round as well. */

const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
const setup = documentNamed('docs/setup.md');

describe('the table of settings in docs/setup.md', () => {
  const shape: Readonly<Record<string, (typeof settings.shape)[keyof typeof settings.shape]>> = settings.shape;
  const rows = tableBelow(setup, 'Configuration').map((cells) => ({
    name: firstCode(cells[0]) ?? '',
    meaning: cells[1] ?? '',
    given: cells[3] ?? '',
  }));

  test('has every setting of the configuration, and no other', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(shape).sort());
  });

  test('tells what each is when it is not set', () => {
    const wrong = rows.filter(({ name, given }) => !saysDefault(name, given)).map(({ name }) => name);
    expect(wrong).toEqual([]);
  });

  test('says of each what it means', () => {
    expect(rows.filter(({ meaning }) => meaning.length < 10)).toEqual([]);
  });

  function saysDefault(name: string, given: string): boolean {
    const unset = shape[name]?.safeParse(undefined);
    if (given.startsWith('required')) return unset?.success === false;
    if (!unset?.success) return false;
    const said = given.startsWith('none') ? undefined : firstCode(given);
    if (said === undefined) return unset.data === undefined || String(unset.data) === '';
    const parsed = shape[name]?.safeParse(said);
    return parsed?.success === true && parsed.data === unset.data;
  }
});

test('docs/stripe.md has every question, in the order of the list, with all its choices', () => {
  const rows = tableBelow(documentNamed('docs/stripe.md'), 'Questions');
  const told = rows.map(([kind, , offered = '']) => [
    firstCode(kind),
    [...offered.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ]);
  expect(told).toEqual(Object.entries(choices).map(([kind, offered]) => [kind, offered.map(({ name }) => name)]));
});

describe('the events that Stripe must be told to send', () => {
  const routes: Readonly<Record<string, EventRoute>> = stripeEvents;

  test('are the same in docs/setup.md as in the list', () => {
    const [, below = ''] = setup.text.split('and these events:');
    const [, block = ''] = /```\n([\s\S]*?)```/.exec(below) ?? [];
    expect(block.trim().split(/\s+/)).toEqual(Object.keys(routes));
  });

  test('are the same in docs/stripe.md, with their queues', () => {
    const rows = tableBelow(documentNamed('docs/stripe.md'), 'The webhook endpoint');
    expect(rows.map((cells) => [firstCode(cells[0]), cells[1]])).toEqual(
      Object.entries(routes).map(([type, { queue }]) => [type, queue]),
    );
  });

  test.each(['docs/setup.md', 'docs/stripe.md'])('%s pins the version that the client asks with', (file) => {
    const versions = documentNamed(file).text.match(/\d{4}-\d\d-\d\d\.[a-z]+/g) ?? [];
    expect([...new Set(versions)]).toEqual([STRIPE_API_VERSION]);
  });
});

test('docs/setup.md or docs/operations.md names every command of the operator', () => {
  const text = setup.text + documentNamed('docs/operations.md').text;
  const commands = subcommandsOf([]).flatMap((name) => {
    const below = subcommandsOf([name]);
    return below.length > 0 ? below.map((sub) => `${name} ${sub}`) : [name];
  });
  expect(commands.length).toBeGreaterThan(5);
  expect(commands.filter((command) => !text.includes(command))).toEqual([]);
});

test('docs/operations.md explains every metric of ours', () => {
  const metrics = [...read('src/api/metrics.ts').matchAll(/(?:gauge|counter)\(registry, '(\w+)'/g)].map(
    ([, name]) => `quittance_${name}`,
  );
  const explained = tableBelow(documentNamed('docs/operations.md'), 'Health');
  expect(metrics.length).toBeGreaterThan(3);
  const text = documentNamed('docs/operations.md').text;
  expect(explained.length).toBeGreaterThan(2);
  expect(metrics.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
});

test('README.md is no longer than a reader stays', () => {
  expect(documentNamed('README.md').text.split('\n').length).toBeLessThanOrEqual(150);
});

describe('the decisions', () => {
  const files = globSync('docs/decisions/[0-9]*.md', { cwd: checkout }).sort();
  const names = files.map((file) => file.slice('docs/decisions/'.length));

  test('are numbered without a gap, and listed', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, position) => position + 1));
    const list = read('docs/decisions/README.md');
    expect(names.filter((name) => !list.includes(`(${name})`))).toEqual([]);
  });

  test('say context, decision and price, each on one page', () => {
    for (const file of files) {
      const text = read(file);
      expect(text.match(/^## .*/gm), file).toEqual(['## Context', '## Decision', '## Price']);
      expect(text.split('\n').length, file).toBeLessThan(50);
    }
  });
});
