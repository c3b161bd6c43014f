import { z } from 'zod';
import { ConfigError } from '../../platform/config.ts';
import { loadEligibilityRules } from './eligibility-rules.ts';
import { readJsonFile } from './json-file.ts';
import { type Policy, policySchema } from './policy.ts';

/** Where the policy is read from: a file, and what stood in the environment before there was one. */
export interface PolicySettings {
  readonly POLICY?: string | undefined;
  readonly ELIGIBILITY_RULES?: string | undefined;
  readonly SETTLEMENT?: 'out_of_band' | 'attach' | undefined;
  readonly INVOICE_OWN_PAYMENTS?: boolean | undefined;
  readonly ADJUSTMENTS?: boolean | undefined;
  readonly ADJUST_STRIPE_INVOICES?: boolean | undefined;
}

export interface LoadedPolicy {
  readonly policy: Policy;
  /** A sentence for each variable that has moved into the file. */
  readonly warnings: readonly string[];
}

/** The release after this one knows them no more. */
const MOVED = {
  ELIGIBILITY_RULES: ['eligibility'],
  SETTLEMENT: ['invoicing', 'settlement'],
  INVOICE_OWN_PAYMENTS: ['invoicing', 'own_payments'],
  ADJUSTMENTS: ['adjustments', 'credit_notes'],
  ADJUST_STRIPE_INVOICES: ['adjustments', 'stripe_invoices'],
} as const satisfies Partial<Record<keyof PolicySettings, readonly string[]>>;

type Moved = keyof typeof MOVED;
const MOVED_NAMES = Object.keys(MOVED).filter((name): name is Moved => Object.hasOwn(MOVED, name));

/** @throws ConfigError that names the file and the entry, or a variable and the entry that says the same */
export function loadPolicy(settings: PolicySettings): LoadedPolicy {
  const given = settings.POLICY === undefined ? {} : read(settings.POLICY);
  const moved = MOVED_NAMES.filter((name) => settings[name] !== undefined);
  const twice = moved.filter((name) => entryOf(given, MOVED[name]) !== undefined);
  if (twice.length > 0) {
    const lines = twice.map(
      (name) => `${name} is set, and ${settings.POLICY} has ${MOVED[name].join('.')}: remove ${name}`,
    );
    throw new ConfigError(`The policy is said twice:\n  ${lines.join('\n  ')}`);
  }
  const whole = moved.reduce((entries, name) => withEntry(entries, MOVED[name], saidBy(name, settings)), given);
  const parsed = policySchema.safeParse(whole);
  if (!parsed.success) throw new ConfigError(`POLICY: ${settings.POLICY}\n${z.prettifyError(parsed.error)}`);
  return { policy: parsed.data, warnings: moved.map(warning) };
}

type Entries = Readonly<Record<string, unknown>>;

function read(path: string): Entries {
  const json = readJsonFile('POLICY', path);
  if (isEntries(json)) return json;
  throw new ConfigError(`POLICY: ${path} must hold an object, with ${Object.keys(policySchema.shape).join(', ')}`);
}

function isEntries(value: unknown): value is Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf(entries: Entries, [name, ...rest]: readonly string[]): unknown {
  const entry = name === undefined ? undefined : entries[name];
  return rest.length === 0 || !isEntries(entry) ? entry : entryOf(entry, rest);
}

function withEntry(entries: Entries, [name = '', ...rest]: readonly string[], value: unknown): Entries {
  const inner = entries[name];
  return { ...entries, [name]: rest.length === 0 ? value : withEntry(isEntries(inner) ? inner : {}, rest, value) };
}

function saidBy(name: Moved, settings: PolicySettings): unknown {
  return name === 'ELIGIBILITY_RULES' ? loadEligibilityRules(settings.ELIGIBILITY_RULES) : settings[name];
}

function warning(name: Moved): string {
  return `${name} moves into the policy file as ${MOVED[name].join('.')}; the next release does not read the variable any more`;
}
