/**
 * Changes that change nothing that anybody could see, each with its reason. They don't count; at most 2 % of a file's
 * changes may be listed. One that is noticed after all, or whose code is gone, is told as a fault of this list.
 */
export interface Equivalent {
  readonly file: string;
  /** The line of the source, without the blanks around it. */
  readonly line: string;
  /** The part of it that is changed. */
  readonly code: string;
  readonly becomes: string;
  readonly reason: string;
}

export const equivalent: readonly Equivalent[] = [
  {
    file: 'src/billing/own-invoices/chargeable.ts',
    line: 'const most = least + sumOf(extras.filter(({ amount }) => amount > 0));',
    code: 'amount > 0',
    becomes: 'amount >= 0',
    reason: 'An extra of nothing adds nothing.',
  },
  {
    file: 'src/billing/own-invoices/chargeable.ts',
    line: 'unit_amount > 0',
    code: 'unit_amount > 0',
    becomes: 'unit_amount >= 0',
    reason: 'Only amounts beyond the largest come here, so never 0.',
  },
  {
    file: 'src/billing/own-invoices/unpayable.ts',
    line: "const amount = { amount_too_small: 'too small', amount_too_large: 'too large' }[code ?? ''];",
    code: "''",
    becomes: '"Stryker was here!"',
    reason: 'Neither is the name of an error.',
  },
  {
    file: 'src/platform/email-address.ts',
    line: 'if (address.length > LONGEST) return undefined;',
    code: 'address.length > LONGEST',
    becomes: 'false',
    reason: 'What is too long is refused at the end as well; here it is only not worked on.',
  },
  {
    file: 'src/stripe/inbox/signature.ts',
    line: "for (const part of (header ?? '').split(',')) {",
    code: "''",
    becomes: '"Stryker was here!"',
    reason: 'Neither has a timestamp or a signature in it.',
  },
];
