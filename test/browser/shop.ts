import type { Deps } from '../../src/billing/deps/deps.ts';
import { openDeps } from '../../src/billing/open-deps.ts';
import { findInvoice, type OwnInvoice } from '../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { type LogKind, paymentLogOf } from '../../src/billing/own-invoices/payment-log.ts';
import { tokenOf } from '../../src/billing/own-invoices/public-link.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { createDraft } from '../support/created-drafts.ts';
import { until } from '../support/eventually.ts';
import { type MailCatcher, startMailCatcher } from '../support/mail-catcher.ts';
import type { Settings } from '../support/processes.ts';
import type { ReviewRecord } from '../support/records.ts';
import { type Story, startStory } from '../support/story.ts';
import { type Visitor, type VisitorOptions, visitor } from './chromium.ts';

/** A small business with everything that stands behind its invoices: api, worker, simulated Stripe, a mailbox. */
export type Shop = {
  story: Story;
  mailbox: MailCatcher;
  /** What the use cases reach, to do in one line what is not the matter of a test. */
  deps: Deps;
  /** Somebody with a browser that may speak to the api and to Stripe's payment page. */
  customer(options?: Partial<VisitorOptions>): Promise<Visitor>;
  /** An invoice that the customer has the link of. */
  issued(change?: object): Promise<Issued>;
  now(id: string): Promise<OwnInvoice>;
  log(id: string): Promise<LogKind[]>;
  /** What a person is asked about the invoice. */
  questions(id: string): Promise<ReviewRecord[]>;
  /** The webhooks alone make it paid. */
  untilPaid(id: string): Promise<OwnInvoice>;
  /** Stripe's webhooks are held back while this runs, so that the page is on its own. */
  withoutWebhooks<T>(work: () => Promise<T>): Promise<T>;
};

export type Issued = OwnInvoice & { number: string; url: string };

export const business = {
  BUSINESS_NAME: 'Lindqvist Ceramics',
  BUSINESS_DETAILS: 'Hammarby allé 91 | 120 63 Stockholm | Sweden | VAT SE556677889901',
};

/** 2 × 120.00 and 20 % tax make 288.00; the recording adds 36.00. */
export const workshop = {
  customer_name: 'Green Garden Ltd',
  customer_email: 'garden@example.com',
  customer_address: '4 Orchard Lane\nBristol BS1 4DJ\nUnited Kingdom',
  currency: 'eur',
  due_date: new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10),
  notes: 'Thank you for the lovely afternoon.\nThe glazes will be fired by the end of the month.',
  lines: [
    { description: 'Workshop “Throwing on the wheel”', quantity: 2, unit_amount: 12_000, tax_percent: '20' },
    { description: 'Video recording of the day', unit_amount: 3_000, tax_percent: '20', optional: true },
  ],
};

/** @param env over and above what it needs */
export async function openShop(env: Settings = {}): Promise<Shop> {
  const mailbox = await startMailCatcher();
  const story = await startStory({
    env: {
      ...business,
      SMTP_URL: mailbox.smtp,
      MAIL_FROM: 'Lindqvist Ceramics <billing@lindqvist.example>',
      OPERATOR_EMAIL: 'operator@lindqvist.example',
      ...env,
    },
  });
  const opened = openDeps(loadConfig(story.settings), { name: 'test', connections: 4 });
  releaseAfterFile(() => opened.close());
  const { deps } = opened;
  const { db } = deps;
  const { side, api, simulator } = story;

  const now = async (id: string) => {
    const invoice = await findInvoice(db, id);
    if (!invoice) throw new Error(`There is no invoice ${id}`);
    return invoice;
  };
  return {
    story,
    mailbox,
    deps,
    customer: (options = {}) => visitor({ origins: [api.url, simulator.url], ...options }),
    async issued(change = {}) {
      const draft = await createDraft({ ...workshop, ...change }, 'test', deps);
      const invoice = await issueInvoice(draft.id, { mail: false }, 'test', deps);
      return { ...invoice, number: invoice.number ?? '', url: `${api.url}/i/${await tokenOf(db, invoice)}` };
    },
    now,
    log: async (id) => (await paymentLogOf(db, id)).map(({ kind }) => kind),
    questions: (id) =>
      story.records.rows(`select * from review_items where details ->> 'invoice' = $1 order by id`, [id]),
    untilPaid: (id) =>
      until(
        async () => {
          const invoice = await now(id);
          return invoice.status === 'paid' && invoice;
        },
        { what: 'the invoice is paid' },
      ),
    async withoutWebhooks(work) {
      await side.control('POST', '/_sim/webhooks', { paused: true });
      try {
        return await work();
      } finally {
        await side.control('POST', '/_sim/webhooks', { paused: false });
      }
    },
  };
}
