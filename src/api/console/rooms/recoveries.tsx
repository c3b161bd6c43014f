import type { VNode } from 'preact';
import { z } from 'zod';
import { classInWords, howInWords, nextSteps } from '../../../billing/recovery/case-words.ts';
import { type MonthOfRecovery, recoveryByMonth } from '../../../billing/recovery/recovery-figures.ts';
import { type ListedCase, pageOfCases } from '../../../billing/recovery/recovery-list.ts';
import {
  asStripeSetting,
  confirmSetting,
  type SettingToConfirm,
  settingsToConfirm,
} from '../../../billing/recovery/stripe-settings.ts';
import { formatMoney } from '../../../platform/money.ts';
import type { Page } from '../../../platform/pages.ts';
import { form } from '../frame/form.ts';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { line, oneOf, reason } from '../frame/typed.ts';
import { CaseChip } from '../parts/case-chip.tsx';
import { When } from '../parts/facts.tsx';
import { Pages, Tabs } from '../parts/lists.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import { RecoveryFigures, SettingsToConfirm } from './recovery-figures.tsx';

/** Invoices of subscriptions whose payment failed, newest first; and what became of them month by month. */
interface Content {
  readonly page: Page<ListedCase>;
  readonly problem?: string | undefined;
  readonly state: keyof typeof TABS;
  readonly search: string;
  readonly months: readonly MonthOfRecovery[];
  readonly settings: readonly SettingToConfirm[];
  readonly now: Date;
}

const TABS = { open: 'Open', recovered: 'Recovered', ended: 'Ended', all: 'All' } as const;

/** Characters: an e-mail address has no more. */
const LONGEST_SEARCH = 254;

const confirm = form({
  path: '/confirm',
  fields: z.object({ setting: line, reason }),
  says: { confirmed: 'It is noted that you have looked. It is asked again in 90 days.' },
  async send({ setting, reason: why }, { actor }, { billing }) {
    await confirmSetting(asStripeSetting(setting), { actor, reason: why }, billing);
    return { done: 'confirmed' };
  },
});

export const recoveries = room({
  path: '/recovery',
  menu: 'Recovery',
  forms: [confirm],
  async read({ query }, { billing: { db, policy, clock } }): Promise<Content> {
    const state = oneOf(['open', 'recovered', 'ended', 'all'], query('state'));
    const search = query('q').slice(0, LONGEST_SEARCH);
    const filter = { state: state === 'all' ? undefined : state, search };
    const [list, months, settings] = await Promise.all([
      listPage({ query }, (asked) => pageOfCases(db, filter, asked)),
      recoveryByMonth(db),
      settingsToConfirm(db, policy.recovery),
    ]);
    return { ...list, state, search, months, settings, now: clock() };
  },
  page: (content, { mayChange }) => ({
    title: 'Recovery',
    problem: content.problem,
    body: (
      <>
        <SettingsToConfirm settings={content.settings} form={confirm} mayChange={mayChange} />
        <List {...content} />
        <RecoveryFigures months={content.months} />
      </>
    ),
  }),
});

function List({ page, state, search, now }: Content): VNode {
  const href = (values: { state?: string; after?: string; before?: string }) =>
    `/console/recovery?${new URLSearchParams({ state, ...(search ? { q: search } : {}), ...values })}`;
  return (
    <>
      <div class="tools">
        <Tabs label="State" tabs={TABS} current={state} href={(value) => href({ state: value })} />
        <form class="search" method="get" action="/console/recovery">
          <input type="hidden" name="state" value={state} />
          <label>
            <span class="unseen">Id, invoice number, customer or e-mail address</span>
            <input
              type="search"
              name="q"
              value={search}
              placeholder="Id, number or e-mail"
              maxlength={LONGEST_SEARCH}
            />
          </label>
          <button type="submit" class="quiet">
            Search
          </button>
        </form>
      </div>
      <Table
        caption="Failed payments, newest first"
        columns={['Invoice', 'Customer', 'Amount', 'Why', 'So far', 'How it stands']}
        numbers={['Amount']}
        empty={search ? `Nothing is found for “${search}”.` : EMPTY[state]}
        rows={page.rows.map((each) => ({
          key: each.id,
          cells: [
            <SubjectLink key="link" id={each.id} text={each.number ?? each.id} />,
            <span key="customer" class="text">
              {each.email ?? each.customer}
            </span>,
            formatMoney(each),
            <div key="why">
              {classInWords(each.decline_class)}
              <div class="hint">
                since <When at={each.first_failed_at} />
              </div>
            </div>,
            <div key="done">
              {each.tries} {each.tries === 1 ? 'try' : 'tries'}
              <div class="hint">
                {each.letters} {each.letters === 1 ? 'letter' : 'letters'}
                {each.is_stopped || each.is_unsubscribed ? ', stopped' : ''}
              </div>
            </div>,
            <div key="next">
              <CaseChip state={each.state} says={howInWords(each.how)} /> <Next of={each} now={now} />
            </div>,
          ],
        }))}
      />
      <Pages page={page} href={href} />
    </>
  );
}

const EMPTY = {
  open: 'No payment is open that has failed.',
  recovered: 'No payment was recovered so far.',
  ended: 'No case has ended unpaid so far.',
  all: 'No payment of a subscription has failed so far.',
} as const;

function Next({ of, now }: { readonly of: ListedCase; readonly now: Date }): VNode {
  if (of.ended_at) return <When at={of.ended_at} />;
  const [step] = nextSteps(of, now);
  return (
    <span class="hint">
      {step?.says}
      {step?.at ? (
        <>
          {' '}
          <When at={step.at} />
        </>
      ) : null}
    </span>
  );
}
