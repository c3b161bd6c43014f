import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { z } from 'zod';
import { allGrants, type GrantOfOne } from '../../../billing/access/grants.ts';
import { endAccess, grantByHand } from '../../../billing/access/manage-access.ts';
import { type Access, readAccess } from '../../../billing/access/read-access.ts';
import { FEATURE } from '../../../billing/policy/access.ts';
import { endOfDay } from '../../../platform/business-day.ts';
import { Refused } from '../../../platform/errors.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { line, reason } from '../frame/typed.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { Fact, When } from '../parts/facts.tsx';
import { PlaceContext } from '../parts/place.ts';
import { ReasonForm } from '../parts/reason-form.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import { Until } from '../parts/until.tsx';
import { customersOf } from '../records/access-records.ts';
import type { AuditRow } from '../records/records.ts';
import { auditOf } from '../records/review-records.ts';

/** One person of the application: what he may use, from what and until when, and all that he ever could. */
interface Content {
  readonly access: Access | undefined;
  readonly grants: readonly GrantOfOne[];
  readonly customers: readonly string[];
  readonly audit: readonly AuditRow[];
}

const grant = form({
  path: '/grant',
  fields: z.object({
    feature: line.refine(
      (name) => FEATURE.test(name),
      'A feature has lower-case letters, digits and . _ : - only, e.g. course-a.',
    ),
    until: line,
    reason,
  }),
  says: { granted: 'It was given, and the systems are told.' },
  async send({ feature, until, reason: why }, { id: reference, actor }, { billing }) {
    const end = until === '' ? null : endOfDay(billing.timeZone, until);
    if (end === undefined) throw new Refused(`${until} is no day like 2027-12-31.`);
    await grantByHand({ reference, feature, until: end }, { actor, reason: why }, billing);
    return { done: 'granted' };
  },
});

const end = form({
  path: '/end',
  fields: z.object({ cause: line, reason }),
  says: { ended: 'It gives nothing any more, and the systems are told.' },
  async send({ cause, reason: why }, { actor }, { billing }) {
    await endAccess(cause, { actor, reason: why }, billing);
    return { done: 'ended' };
  },
});

export const accessOf = room({
  path: '/access/:id',
  id: /^[^\p{Cc}]{1,200}$/u,
  forms: [grant, end],
  async read({ id }, { billing: { db } }): Promise<Content> {
    const [[access], grants, customers, audit] = await Promise.all([
      readAccess(db, [id]),
      allGrants(db, id),
      customersOf(db, id),
      auditOf(db, id),
    ]);
    return { access, grants, customers, audit };
  },
  page: (content, { id, mayChange }) => ({
    title: `Access of ${id}`,
    body: (
      <>
        {mayChange ? <Give /> : null}
        <Now {...content} mayChange={mayChange} />
        <Ever {...content} />
        <AuditTrail audit={content.audit} />
      </>
    ),
  }),
});

function Now({ access, customers, mayChange }: Content & { readonly mayChange: boolean }): VNode {
  const features = Object.entries(access?.features ?? {});
  return (
    <>
      <dl class="record">
        <Fact name="Version">{String(access?.version ?? 0)}</Fact>
        <Fact name="Changes by itself">{access?.changesAt ? <When at={access.changesAt} /> : null}</Fact>
        <Fact name="Judged on a test clock, as of">{access?.onTestClock ? <When at={access.asOf} /> : null}</Fact>
        <Fact name="Customers at Stripe">{customers.length > 0 ? customers.join(', ') : null}</Fact>
      </dl>
      <section>
        <h2>What may be used now</h2>
        <Table
          caption="What may be used now"
          columns={['Feature', 'How much', 'Until', 'From', ...(mayChange ? ['Change'] : [])]}
          empty="Nothing may be used now."
          rows={features.map(([name, { value, until, grace_until: grace, cause }]) => ({
            key: name,
            cells: [
              name,
              value ?? 'yes',
              <Until
                key="until"
                until={until === null ? null : new Date(until)}
                grace={grace === null ? null : new Date(grace)}
              />,
              <Cause key="cause" cause={cause} />,
              ...(mayChange ? [<EndIt key="change" cause={cause} />] : []),
            ],
          }))}
        />
      </section>
    </>
  );
}

/** `payment:pi_…` leads to the payment, `subscription:sub_…` to the subscription. */
function Cause({ cause }: { readonly cause: string }): VNode {
  const [kind, id = ''] = cause.split(':');
  if (kind === 'hand') return <span>given by hand ({id})</span>;
  return (
    <span>
      {kind} <SubjectLink id={id} />
    </span>
  );
}

function EndIt({ cause }: { readonly cause: string }): VNode {
  return (
    <ReasonForm
      summary="End…"
      form={end}
      effect={`All that ${cause} gives is taken away, now and for good. No money goes back.`}
      button="End it"
      hidden={{ cause }}
      danger
    />
  );
}

function Give(): VNode {
  const { address, sent } = useContext(PlaceContext);
  const returned = sent?.path === grant.path ? sent : undefined;
  return (
    <div class="actions">
      <details class="action" open={returned !== undefined}>
        <summary>Give something by hand…</summary>
        <form method="post" action={`${address}${grant.path}`}>
          <label>
            Feature
            <input name="feature" value={returned?.text('feature')} required maxlength={64} autocomplete="off" />
          </label>
          <label>
            Last day
            <input type="date" name="until" value={returned?.text('until')} />
            <span class="hint">Left empty it has no end.</span>
          </label>
          <label>
            Reason
            <input name="reason" value={returned?.text('reason')} required maxlength={500} autocomplete="off" />
          </label>
          <button type="submit">Give it</button>
        </form>
      </details>
    </div>
  );
}

function Ever({ grants }: Content): VNode {
  return (
    <section>
      <h2>All that was given</h2>
      <Table
        caption="All that was ever given, latest first"
        columns={['Feature', 'From', 'Since', 'Until', 'Ended']}
        empty="Nothing was ever given."
        rows={grants.map((each) => ({
          key: `${each.cause} ${each.feature}`,
          cells: [
            each.feature,
            <Cause key="cause" cause={each.cause} />,
            <When key="since" at={each.granted_at} />,
            <Until key="until" until={each.until} grace={each.grace_until} bridged={each.bridged_until} />,
            each.ended_at ? (
              <span key="ended">
                <When at={each.ended_at} />: {each.ended_because}
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
