import type { VNode } from 'preact';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { When } from '../parts/facts.tsx';
import { Table } from '../parts/table.tsx';
import { Until } from '../parts/until.tsx';
import { Reference } from './reference.tsx';

/** What came of a subscription: what it gives, and gave. */
interface Told {
  readonly trace: SubscriptionTrace;
}

export function Given({ trace: { grants } }: Told): VNode {
  return (
    <section>
      <h2>Access</h2>
      <Table
        caption="What it gives and gave, what holds first"
        columns={['Feature', 'How much', 'To', 'Until', 'Ended']}
        empty="It gives nothing, and never did."
        rows={grants.map((grant) => ({
          key: grant.feature,
          cells: [
            grant.feature,
            grant.value ?? 'yes',
            <Reference key="to" reference={grant.reference} />,
            <Until key="until" until={grant.until} grace={grant.grace_until} bridged={grant.bridged_until} />,
            grant.ended_at ? (
              <span key="ended">
                <When at={grant.ended_at} />: {grant.ended_because}
              </span>
            ) : (
              '–'
            ),
          ],
        }))}
      />
    </section>
  );
}
