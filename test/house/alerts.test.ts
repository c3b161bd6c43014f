import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkout } from '../../bin/lib/checkout.ts';
import { FEWEST_TO_JUDGE, TARGET_PERCENT } from '../../src/billing/checkouts/checkout-figures.ts';
import { documentNamed, firstCode, tableBelow } from './document-text.ts';

/** The alerts that are shipped speak of figures that there are, and say what docs/operations.md says. */
const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  annotations: z.looseObject({}),
});
const file = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(rule) })) });
const rules = file
  .parse(parse(readFileSync(join(checkout, 'deploy/prometheus/quittance.rules.yml'), 'utf8')))
  .groups.flatMap((group) => group.rules);

const figuresIn = ({ expr }: z.output<typeof rule>) => [...new Set(expr.match(/quittance_\w+/g) ?? [])];

test('each alert is about one figure of /metrics, and each figure of the table is about what it says', () => {
  const metrics = readFileSync(join(checkout, 'src/api/metrics.ts'), 'utf8');
  for (const each of rules) {
    const [figure = '', ...others] = figuresIn(each);
    expect([each.alert, others]).toEqual([each.alert, []]);
    expect(metrics, each.alert).toContain(`'${figure.replace('quittance_', '')}'`);
    const described = tableBelow(documentNamed('docs/operations.md'), 'Health').map(([name]) => firstCode(name));
    expect(described, each.alert).toContain(figure);
  }
});

test('the one about checkouts has the target and the smallest number of the product', () => {
  const found = rules.find(({ alert }) => alert === 'QuittanceCheckoutsFail');
  expect(found?.expr).toContain(`>= ${FEWEST_TO_JUDGE}`);
  expect(found?.expr).toContain(`< ${TARGET_PERCENT / 100}`);
});
