import type { VNode } from 'preact';
import type { AuditRow } from '../records/records.ts';
import { When } from './facts.tsx';
import { Table } from './table.tsx';

/** What people did to an object, and why; oldest first. */
export function AuditTrail({ audit }: { readonly audit: readonly AuditRow[] }): VNode | null {
  if (audit.length === 0) return null;
  return (
    <section>
      <h2>Done by people</h2>
      <Table
        caption="What people did, oldest first"
        columns={['Time', 'Who', 'What', 'Reason', 'Result']}
        empty=""
        rows={audit.map(({ at, actor, action, reason, details }) => ({
          key: `${at.toISOString()} ${action}`,
          cells: [
            <When key="at" at={at} />,
            actor,
            action,
            reason ?? '–',
            typeof details.result === 'string' ? details.result : '–',
          ],
        }))}
      />
    </section>
  );
}
