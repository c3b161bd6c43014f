import { z } from 'zod';
import { ConfigError } from '../../platform/config.ts';
import { readJsonFile } from './json-file.ts';

/**
 * The file of eligibility rules: the first rule whose every condition holds decides; when none does, `otherwise` decides.
 * A condition that names several values holds when one of them fits. Texts are compared exactly, or as a regular
 * expression when written as `/…/` or `/…/i`.
 */
export const pattern = z.union([z.string(), z.array(z.string()).min(1)]).superRefine((value, context) => {
  for (const written of [value].flat()) {
    try {
      matcherOf(written);
    } catch {
      context.addIssue(`${written} is not a regular expression`);
    }
  }
});

const action = z.enum(['invoice', 'skip', 'review'], 'must be invoice, skip or review');

const rule = z.strictObject({
  name: z.string().min(1, 'must say in a few words what the rule is for; it becomes the recorded reason'),
  action,
  when: z
    .strictObject({
      /** Metadata of the payment intent or the checkout session, by key. */
      metadata: z.record(z.string(), pattern),
      /** Product id (prod_…) of any line item. */
      product: pattern,
      /** Description of the payment intent or of any line item. */
      description: pattern,
      /** Amount received in minor units, both ends included. */
      amount: z
        .strictObject({ from: z.int().min(0), to: z.int().min(0) })
        .partial()
        .refine(({ from = 0, to = from }) => from <= to, 'from must not be more than to'),
      currency: pattern,
      livemode: z.boolean(),
    })
    .partial()
    .default({}),
});

export const eligibilityRules = z.strictObject({ rules: z.array(rule), otherwise: action });

export type EligibilityRules = z.output<typeof eligibilityRules>;
export type EligibilityRule = EligibilityRules['rules'][number];

/** Without a file: every one-off payment gets its invoice. */
export const INVOICE_EVERYTHING: EligibilityRules = { rules: [], otherwise: 'invoice' };

/** @throws ConfigError that names the file and the field */
export function loadEligibilityRules(path: string | undefined): EligibilityRules {
  if (path === undefined) return INVOICE_EVERYTHING;
  const parsed = eligibilityRules.safeParse(readJsonFile('ELIGIBILITY_RULES', path));
  if (!parsed.success) throw new ConfigError(`ELIGIBILITY_RULES: ${path}\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Whether one of the texts fits one of what is written. */
export function someMatch(texts: readonly string[], written: string | readonly string[]): boolean {
  return [written].flat().some((each) => texts.some(matcherOf(each)));
}

/** `/live/i` → whatever that regular expression finds; any other text → exactly this text. */
export function matcherOf(written: string): (text: string) => boolean {
  const [, expression, ...flags] = /^\/(.+)\/(i?)$/s.exec(written) ?? [];
  if (expression === undefined) return (text) => text === written;
  const regular = new RegExp(expression, ['u', ...flags].join(''));
  return (text) => regular.test(text);
}
