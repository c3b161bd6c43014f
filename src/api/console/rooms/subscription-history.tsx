import type { VNode } from 'preact';
import { classInWords, howInWords } from '../../../billing/recovery/case-words.ts';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { formatMoney } from '../../../platform/money.ts';
import { CaseChip } from '../parts/case-chip.tsx';
import { When } from '../parts/facts.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import { Until } from '../parts/until.tsx';
import { Reference } from './reference.tsx';

/** What came of a subscription: what it gives and gave, and which payments failed. */
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

export function FailedPayments({ cases }: Pick<SubscriptionTrace, 'cases'>): VNode {
  return (
    <section>
      <h2>Failed payments</h2>
      <Table
        caption="Invoices whose payment failed, newest first"
        columns={['Invoice', 'Amount', 'Why', 'Since', 'How it stands']}
        numbers={['Amount']}
        empty="None has failed."
        rows={cases.map((each) => ({
          key: each.id,
          cells: [
            <SubjectLink key="case" id={each.id} text={each.number ?? each.id} />,
            formatMoney(each),
            classInWords(each.decline_class),
            <When key="since" at={each.first_failed_at} />,
            <CaseChip key="stands" state={each.state} says={howInWords(each.how)} />,
          ],
        }))}
      />
    </section>
  );
}
