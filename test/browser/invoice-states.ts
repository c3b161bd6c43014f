import { voidInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { openCheckout } from '../../src/billing/own-invoices/open-checkout.ts';
import { until } from '../support/eventually.ts';
import type { Issued, Shop } from './shop.ts';

/** An invoice in a state that a customer may find it in, with the words of the panel and of the paper. */
export type ShownState = { invoice: Issued; heading: string; chip: string };

/** One invoice in each state, and two that are hard to lay out. */
export async function invoicesInEveryState(shop: Shop): Promise<Record<string, ShownState>> {
  const { rows } = shop.story.records;
  const make = {
    unpaid: () => shop.issued(),
    overdue: () => shop.issued({ due_date: '2026-01-31', notes: null }),
    failed: () => shop.issued({ lines: [{ description: 'Glaze course', unit_amount: 9_900 }] }),
    processing: () => shop.issued(),
    checking: () => shop.issued(),
    paid: () => shop.issued(),
    void: () => shop.issued(),
    plain: () => shop.issued(plain),
    demanding: () => shop.issued(demanding),
  };
  // One after the other, so that the numbers on the screenshots stay the same.
  const issued: Record<string, Issued> = {};
  for (const [name, invoice] of Object.entries(make)) issued[name] = await invoice();
  const of = (name: keyof typeof make): Issued => {
    const invoice = issued[name];
    if (!invoice) throw new Error(`No invoice is ${name}`);
    return invoice;
  };
  const ticked = of('paid').lines.flatMap(({ id, optional }) => (optional ? [id] : []));
  await Promise.all([
    pay(shop, of('failed'), 'expired').catch(() => {}), // the control API tells a decline as an error
    pay(shop, of('processing'), 'debit'),
    pay(shop, of('paid'), 'card', ticked),
    pay(shop, of('checking'), 'card', [], () =>
      rows('update invoice_lines set unit_amount = unit_amount + 500 where invoice = $1', [of('checking').id]),
    ),
    voidInvoice(of('void').id, 'test', 'ordered by mistake', shop.deps),
  ]);
  await Promise.all([
    untilLogged(shop, of('failed'), 'attempt_failed'),
    untilLogged(shop, of('processing'), 'processing'),
    untilLogged(shop, of('checking'), 'mismatch'),
    shop.untilPaid(of('paid').id),
  ]);
  return {
    unpaid: { invoice: of('unpaid'), heading: 'Amount due', chip: 'Unpaid' },
    overdue: { invoice: of('overdue'), heading: 'Amount overdue', chip: 'Overdue' },
    failed: { invoice: of('failed'), heading: 'Amount due', chip: 'Unpaid' },
    processing: { invoice: of('processing'), heading: 'Payment on its way', chip: 'Processing' },
    checking: { invoice: of('checking'), heading: 'Payment being checked', chip: 'Being checked' },
    paid: { invoice: of('paid'), heading: 'Paid', chip: 'Paid' },
    void: { invoice: of('void'), heading: 'Cancelled', chip: 'Void' },
    plain: { invoice: of('plain'), heading: 'Amount due', chip: 'Unpaid' },
    demanding: { invoice: of('demanding'), heading: 'Amount due', chip: 'Unpaid' },
  };
}

/** @param meanwhile between the opening of the payment page and the payment */
async function pay(
  shop: Shop,
  invoice: Issued,
  choice: string,
  ticked: readonly number[] = [],
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<void> {
  await openCheckout(invoice.id, ticked, shop.deps);
  const { session } = await shop.story.records.row<{ session: string }>(
    `select stripe_session as session from checkout_attempts where invoice = $1 and state = 'open'`,
    [invoice.id],
  );
  await meanwhile();
  await shop.story.side.control('POST', '/_sim/checkout/pay', { session, choice, name: 'Gwen Green' });
}

function untilLogged(shop: Shop, invoice: Issued, kind: string): Promise<true> {
  return until(async () => (await shop.log(invoice.id)).some((one) => one === kind), { what: `${kind} is logged` });
}

/** As little as an invoice may hold, in a currency without decimals. */
const plain = {
  customer_address: null,
  customer_email: null,
  currency: 'jpy',
  due_date: null,
  notes: null,
  lines: [{ description: '茶碗', unit_amount: 12_000 }],
};

/** What a careful designer would try: long words, many lines, several taxes inside of the prices, a reduction. */
const demanding = {
  customer_name: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Daughters Limited',
  customer_email: 'accounts.payable.department.for.everything@a-rather-long-domain-name.example',
  customer_address:
    'c/o Facility Management, Building 7, Entrance C, Third Floor\nLlanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch\nWales',
  notes:
    'See https://lindqvist.example/terms/2026/general-terms-and-conditions-for-workshops-and-goods?version=12.\n\nThank you!',
  prices_include_tax: true,
  lines: [
    ...Array.from({ length: 22 }, (_, number) => ({
      description:
        number % 5 === 0
          ? `Stoneware bowl no. ${number + 1}, hand thrown, celadon glaze, fired twice in a reducing atmosphere, with a lid`
          : `Cup no. ${number + 1}`,
      quantity: (number % 4) + 1,
      unit_amount: 3_450 + number * 11_111,
      tax_percent: ['25', '12', '6', '0'][number % 4],
    })),
    { description: 'Reduction for a returning customer', unit_amount: -5_000, tax_percent: '25' },
    { description: 'Insured shipping', unit_amount: 4_900, tax_percent: '25', optional: true },
    {
      description: 'Gift wrapping, with a card in your handwriting that we copy from a photograph',
      quantity: 3,
      unit_amount: 350,
      tax_percent: '25',
      optional: true,
    },
  ],
};
