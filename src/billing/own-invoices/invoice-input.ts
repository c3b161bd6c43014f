import { z } from 'zod';
import { LARGEST_CHARGE } from '../../platform/currencies.ts';
import { emailAddress } from '../../platform/email-address.ts';
import { type FieldProblem, problemsOfIssues, toldProblems } from '../../platform/field-problems.ts';
import { printable, printableLine } from '../../platform/text.ts';
import { totalProblems } from './chargeable.ts';

/**
 * What a person or a program gives to create or change a draft: the same for the console, `POST /v1/invoices` and the
 * command line. Every message names the field. Amounts are integers in minor units of `currency`.
 */
/** Said of a field that is something else, or not there at all. */
const or = (wrong: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is required' : wrong),
});

/**
 * Text is stored as it can be shown: what a paste brings along unseen, and what turns the direction of the text around it, is
 * left out. Postgres holds no NUL: who sends one is told.
 */
const text = (shown: (text: string) => string) =>
  z
    .string(or('must be text'))
    .refine((given) => !given.includes('\0'), 'may not hold the character NUL')
    .overwrite(shown);
const oneLine = () => text(printableLine);
const prose = () => text((given) => printable(given).trim());

/** Characters without any ink, such as U+200B alone, say nothing. */
const says = (shown: string) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(shown);

const line = z.strictObject(
  {
    description: prose().refine(says, 'must say what is charged for').max(500, 'may have 500 characters'),
    quantity: z
      .int('must be a whole number')
      .min(1, 'must be at least 1')
      .max(1_000_000, 'may be 1000000 at most')
      .default(1),
    unit_amount: z
      .int('must be a whole number of minor units, e.g. 1999 for 19.99')
      .min(-LARGEST_CHARGE, 'is too small')
      .max(LARGEST_CHARGE, 'is more than Stripe takes in one payment'),
    tax_percent: z
      .union([z.string(), z.number()], 'must be 0 to 100 with at most 4 decimals')
      .transform(String)
      .refine(
        (text) => /^\d{1,3}(\.\d{1,4})?$/.test(text) && Number(text) <= 100,
        'must be 0 to 100 with at most 4 decimals',
      )
      .nullish()
      .transform((percent) => percent ?? null),
    optional: z.boolean('must be true or false').default(false),
  },
  'must be a line, e.g. {"description": "Workshop", "unit_amount": 1999}',
);

/** What the lines come to is only asked where every field is what it should be. */
const WHOLE = { when: ({ issues }: { issues: readonly unknown[] }) => issues.length === 0 };

export const invoiceInput = z
  .strictObject(
    {
      series: z
        .string('must be text')
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,19}$/, 'may hold up to 20 letters, digits and -')
        .optional(),
      customer_name: oneLine().refine(says, 'is required').max(200, 'may have 200 characters'),
      customer_email: emailAddress.nullish(),
      customer_address: prose().max(1_000, 'may have 1000 characters').nullish(),
      currency: z
        .string('is required, e.g. eur')
        .transform((code) => code.toLowerCase())
        .refine(isCurrency, 'must be an ISO currency code, e.g. eur'),
      prices_include_tax: z.boolean('must be true or false').default(false),
      // Postgres knows no year 0.
      due_date: z.iso
        .date('must be a day like 2026-12-31')
        .refine((day) => day >= '1900-01-01', 'must be a day like 2026-12-31')
        .nullish(),
      notes: prose().max(2_000, 'may have 2000 characters').nullish(),
      lines: z
        .array(line, or('must be a list of lines'))
        .min(1, 'needs at least one line')
        .max(100, 'may have 100 lines'),
    },
    'must be an object with customer_name, currency and lines',
  )
  .superRefine(({ lines, prices_include_tax, currency }, context) => {
    for (const { path, message } of totalProblems(lines, prices_include_tax, currency)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  }, WHOLE);

export type InvoiceInput = z.output<typeof invoiceInput>;

const CURRENCIES = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Bad input, field by field: the first twenty problems. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly problems: readonly FieldProblem[];
  constructor(problems: readonly FieldProblem[]) {
    const told = toldProblems(problems);
    super(told.map(({ field, message }) => `${field} ${message}`).join('; '));
    this.problems = told;
  }
}

/** @throws InvalidInput */
export function parseInvoiceInput(input: unknown): InvoiceInput {
  const parsed = invoiceInput.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(problemsOfIssues(parsed.error.issues, 'is not a field of an invoice'));
}
