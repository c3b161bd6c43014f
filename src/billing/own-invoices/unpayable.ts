import { type ChargeProblem, chargeProblem } from '../../platform/charges.ts';
import { formatMoney, type Money } from '../../platform/money.ts';
import { amountsOfInvoice, type OwnInvoice } from './invoices.ts';

/** Why an invoice can't be paid by card as its customer chose, in sentences for him; pure. */

/** @returns undefined when Stripe can be asked */
export function whyUnpayable(invoice: OwnInvoice, ticked: readonly number[]): string | undefined {
  const money = { amount: amountsOfInvoice(invoice, ticked).gross, currency: invoice.currency };
  const unticked = invoice.lines.some(({ id, optional }) => optional && !ticked.includes(id));
  if (money.amount <= 0 && unticked) return 'Please tick what you would like to pay for.';
  const problem = chargeProblem(money);
  return problem && `${limitOf(problem, money)} ${wayOut(problem, unticked, ticked.length > 0)}`;
}

function limitOf(problem: ChargeProblem, money: Money): string {
  const told = (amount: number) => formatMoney({ ...money, amount });
  const total = formatMoney(money);
  switch (problem.kind) {
    case 'unknown_currency':
      return `Amounts in ${money.currency.toUpperCase()} can’t be paid by card.`;
    case 'too_small':
      return `A payment by card must be at least ${told(problem.smallest)}, and this comes to ${total}.`;
    case 'too_large':
      return `A payment by card can be at most ${told(problem.largest)}, and this comes to ${total}.`;
    case 'between_steps':
      return `A payment by card must be a multiple of ${told(problem.step)}, and this comes to ${total}.`;
  }
}

function wayOut({ kind }: ChargeProblem, unticked: boolean, ticked: boolean): string {
  if (kind === 'too_small' && unticked) return 'Please tick an extra as well, or contact us.';
  if (kind === 'too_large' && ticked) return 'Please choose fewer extras, or contact us.';
  return 'Please contact us.';
}

/** Stripe was asked, and has refused to open a payment page. @param code of Stripe's error */
export function wordsOfRefusal(code: string | undefined): string {
  const amount = { amount_too_small: 'too small', amount_too_large: 'too large' }[code ?? ''];
  return `This amount ${amount ? `is ${amount} to be paid` : 'can’t be paid'} by card here. Please contact us; nothing was charged.`;
}
