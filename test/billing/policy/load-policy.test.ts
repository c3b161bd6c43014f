import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadPolicy, type PolicySettings } from '../../../src/billing/policy/load-policy.ts';
import { DEFAULT_POLICY, policyHash } from '../../../src/billing/policy/policy.ts';
import { ConfigError } from '../../../src/platform/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(content: unknown): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
function complaintAbout(settings: PolicySettings): string {
  try {
    loadPolicy(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return 'no complaint';
}

const rules = { rules: [], otherwise: 'review' };
/** Each variable of before, and the file that says the same. */
const moved: [keyof PolicySettings, PolicySettings, string, object][] = [
  ['SETTLEMENT', { SETTLEMENT: 'attach' }, 'invoicing.settlement', { invoicing: { settlement: 'attach' } }],
  [
    'INVOICE_OWN_PAYMENTS',
    { INVOICE_OWN_PAYMENTS: false },
    'invoicing.own_payments',
    { invoicing: { own_payments: false } },
  ],
  ['ADJUSTMENTS', { ADJUSTMENTS: false }, 'adjustments.credit_notes', { adjustments: { credit_notes: false } }],
  [
    'ADJUST_STRIPE_INVOICES',
    { ADJUST_STRIPE_INVOICES: false },
    'adjustments.stripe_invoices',
    { adjustments: { stripe_invoices: false } },
  ],
  ['ELIGIBILITY_RULES', { ELIGIBILITY_RULES: file(rules) }, 'eligibility', { eligibility: rules }],
];

describe('a variable of before', () => {
  test.each(moved)('%s means what the file says, with a warning that names the entry', (name, alone, entry, said) => {
    const { policy, warnings } = loadPolicy(alone);
    expect(policy).toEqual(loadPolicy({ POLICY: file(said) }).policy);
    expect(policy).not.toEqual(DEFAULT_POLICY);
    expect(warnings).toEqual([
      `${name} moves into the policy file as ${entry}; the next release does not read the variable any more`,
    ]);
  });

  test.each(moved)('%s beside its entry is refused, and both are named', (name, alone, entry, said) => {
    const path = file(said);
    expect(complaintAbout({ ...alone, POLICY: path })).toBe(
      `The policy is said twice:\n  ${name} is set, and ${path} has ${entry}: remove ${name}`,
    );
  });

  test.each(moved)('%s beside a file that does not say it counts', (_name, alone, _entry, said) => {
    expect(loadPolicy({ ...alone, POLICY: file({}) }).policy).toEqual(loadPolicy({ POLICY: file(said) }).policy);
  });

  test('each of them that is said twice is named', () => {
    const all: PolicySettings = Object.assign({}, ...moved.map(([, alone]) => alone));
    const whole = {
      eligibility: rules,
      invoicing: { settlement: 'attach', own_payments: true },
      adjustments: { credit_notes: true, stripe_invoices: false },
    };
    expect(complaintAbout({ ...all, POLICY: file(whole) }).split('\n')).toHaveLength(6);
  });
});

test('without a file the defaults hold, and what a file leaves out is as by default', () => {
  expect(loadPolicy({})).toEqual({ policy: DEFAULT_POLICY, warnings: [] });
  expect(loadPolicy({ POLICY: file({ invoicing: { own_payments: false } }) }).policy).toEqual({
    ...DEFAULT_POLICY,
    invoicing: { settlement: 'out_of_band', own_payments: false },
  });
});

test.each<[string, unknown, RegExp]>([
  ['is no JSON', '{', /can't be read as JSON/],
  ['holds no object', [], /must hold an object, with eligibility, invoicing, adjustments/],
  ['has an entry that nobody knows', { refunds: {} }, /"refunds"/],
  ['has a misspelt entry', { invoicing: { setlement: 'attach' } }, /"setlement"[\s\S]*at invoicing/],
  [
    'has a wrong value',
    { invoicing: { settlement: 'both' } },
    /must be out_of_band or attach[\s\S]*at invoicing.settlement/,
  ],
  [
    'has a word for a switch',
    { adjustments: { credit_notes: 'off' } },
    /true or false[\s\S]*at adjustments.credit_notes/,
  ],
  [
    'has a rule without a name',
    { eligibility: { rules: [{ action: 'skip' }], otherwise: 'skip' } },
    /at eligibility.rules\[0\].name/,
  ],
])('a file that %s is refused by name', (_what, content, complaint) => {
  const path = file(content);
  expect(complaintAbout({ POLICY: path })).toMatch(complaint);
  expect(complaintAbout({ POLICY: path })).toContain(path);
});

test('a file that is not there is refused by name', () => {
  expect(complaintAbout({ POLICY: '/nowhere/policy.json' })).toMatch(/^POLICY: \/nowhere\/policy\.json can't be read/);
});

test('the hash is that of what is said, not of how', () => {
  const one = loadPolicy({ POLICY: file('{"invoicing":{"own_payments":true,"settlement":"attach"}}') }).policy;
  const other = loadPolicy({ POLICY: file('{ "invoicing": { "settlement": "attach" }, "adjustments": {} }') }).policy;
  expect(policyHash(one)).toBe(policyHash(other));
  expect(policyHash(one)).not.toBe(policyHash(DEFAULT_POLICY));
});
