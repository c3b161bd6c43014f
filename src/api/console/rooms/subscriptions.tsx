import type { VNode } from 'preact';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import { plansInWords } from '../../../billing/subscriptions/item-words.ts';
import { standingOf } from '../../../billing/subscriptions/standing.ts';
import { WHY_WORDS } from '../../../billing/subscriptions/standing-words.ts';
import { type ListedSubscription, pageOfSubscriptions } from '../../../billing/subscriptions/subscription-list.ts';
import type { Page } from '../../../platform/pages.ts';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { oneOf } from '../frame/typed.ts';
import { When } from '../parts/facts.tsx';
import { Pages, Tabs } from '../parts/lists.tsx';
import { Search, searched } from '../parts/search.tsx';
import { StandingChip } from '../parts/standing-chip.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import { Reference } from './reference.tsx';

/** All subscriptions, newest first. */
interface Content {
  readonly page: Page<ListedSubscription>;
  readonly problem?: string | undefined;
  readonly standing: keyof typeof TABS;
  readonly search: string;
  readonly policy: AccessPolicy;
}

const TABS = {
  all: 'All',
  active: 'Active',
  trialing: 'On trial',
  past_due: 'Past due',
  canceled: 'Canceled',
} as const;

export const subscriptions = room({
  path: '/subscriptions',
  menu: 'Subscriptions',
  async read({ query }, { billing: { db, policy } }): Promise<Content> {
    const standing = oneOf(['all', 'active', 'trialing', 'past_due', 'canceled'], query('standing'));
    const search = searched({ query });
    const filter = { standing: standing === 'all' ? undefined : standing, search };
    const list = await listPage({ query }, (asked) => pageOfSubscriptions(db, filter, asked));
    return { ...list, standing, search, policy: policy.access };
  },
  page: (content) => ({ title: 'Subscriptions', problem: content.problem, body: <List {...content} /> }),
});

function List({ page, standing, search, policy }: Content): VNode {
  const href = (values: { standing?: string; after?: string; before?: string }) =>
    `/console/subscriptions?${new URLSearchParams({ standing, ...(search ? { q: search } : {}), ...values })}`;
  return (
    <>
      <div class="tools">
        <Tabs label="Standing" tabs={TABS} current={standing} href={(value) => href({ standing: value })} />
        <Search
          action="/console/subscriptions"
          label="Id, customer, reference or e-mail address"
          placeholder="Id, reference or e-mail"
          search={search}
          kept={{ standing }}
        />
      </div>
      <Table
        caption="Subscriptions, newest first"
        columns={['Subscription', 'Customer', 'Reference', 'Plan', 'Standing', 'Began']}
        empty={search ? `Nothing is found for “${search}”.` : 'There are no such subscriptions.'}
        rows={page.rows.map((each) => ({
          key: each.id,
          cells: [
            <SubjectLink key="link" id={each.id} />,
            <span key="customer" class="text">
              {each.email ?? each.customer}
            </span>,
            <Reference key="reference" reference={each.reference} />,
            plansInWords(each.items, policy),
            <HowItStands key="standing" subscription={each} />,
            <When key="began" at={each.created} />,
          ],
        }))}
      />
      <Pages page={page} href={href} />
    </>
  );
}

/** What is more than the chip says, and when it ends by a plan. */
function HowItStands({ subscription }: { readonly subscription: ListedSubscription }): VNode {
  const { status, why, endsAt } = standingOf(subscription);
  return (
    <span>
      <StandingChip status={status} />
      {why && why !== 'ends' ? <span class="hint"> {WHY_WORDS[why]}</span> : null}
      {endsAt ? (
        <span class="hint">
          {' '}
          ends <When at={endsAt} />
        </span>
      ) : null}
    </span>
  );
}
