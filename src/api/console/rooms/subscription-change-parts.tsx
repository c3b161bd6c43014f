import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { itemInWords } from '../../../billing/changes/in-words.ts';
import type { Preview, PreviewLine } from '../../../billing/changes/preview.ts';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import { planInWords } from '../../../billing/subscriptions/item-words.ts';
import type { Item } from '../../../billing/subscriptions/subscription.ts';
import { formatMoney } from '../../../platform/money.ts';
import { Fact, When } from '../parts/facts.tsx';
import { Period } from '../parts/period.tsx';
import { PlaceContext } from '../parts/place.ts';
import { Table } from '../parts/table.tsx';
import { FURTHER, type TypedChange } from './typed-change.ts';

/** The parts of changing a subscription: what is wanted, and what it comes to. */
export interface ChangeFieldsProps {
  readonly action: string;
  readonly items: readonly Item[];
  readonly policy: AccessPolicy;
  readonly typed: TypedChange;
}

export function ChangeFields({ action, items, policy, typed }: ChangeFieldsProps): VNode {
  const chosen = (value: string, field: string) => value === field;
  return (
    <form method="post" action={action} class="draft">
      <fieldset class="columns">
        <legend>What is wanted</legend>
        <label>
          Item
          <select name="item">
            {items.map(({ id, price, quantity }) => (
              <option key={id} value={id} selected={chosen(id, typed.item)}>
                {quantity === null ? '' : `${quantity} × `}
                {planInWords(price, policy)}
              </option>
            ))}
            <option value={FURTHER} selected={chosen(FURTHER, typed.item)}>
              a further item
            </option>
          </select>
        </label>
        <label>
          Plan
          <select name="plan">
            <option value="">as it is</option>
            {Object.entries(policy.plans).map(([name, plan]) => (
              <option key={name} value={name} selected={chosen(name, typed.plan)}>
                {plan.name} ({name})
              </option>
            ))}
          </select>
        </label>
        <label>
          Price
          <input name="price" value={typed.price} maxlength={200} autocomplete="off" />
          <span class="hint">By lookup key or id. Left empty it is that of the plan which comes round as now.</span>
        </label>
        <label>
          Quantity
          <input name="quantity" value={typed.quantity} inputmode="numeric" maxlength={5} autocomplete="off" />
          <span class="hint">Left empty it stays.</span>
        </label>
        <label>
          When
          <select name="when">
            <option value="now">now</option>
            <option value="period_end" selected={chosen('period_end', typed.when)}>
              with the next period
            </option>
          </select>
        </label>
        <label>
          <input type="checkbox" name="remove" value="yes" checked={chosen('yes', typed.remove)} /> Remove the item
        </label>
      </fieldset>
      <button type="submit">Show what it comes to</button>
      <p class="hint">Nothing is changed yet.</p>
    </form>
  );
}

export interface SeenProps {
  readonly action: string;
  readonly seen: Preview;
  readonly typed: TypedChange;
}

export function Seen({ action, seen, typed }: SeenProps): VNode {
  const { currency, dueNow, total, balanceUsed, takesEffectAt, renewal } = seen;
  const money = (amount: number) => formatMoney({ amount, currency });
  return (
    <section>
      <h2>What it comes to</h2>
      <dl class="record">
        <Fact name="Changes">{seen.items.map(itemInWords).join(', ')}</Fact>
        <Fact name="Due now">
          <strong>{money(dueNow)}</strong>
        </Fact>
        <Fact name="Total">{total < 0 ? `${money(total)}, a credit to the customer’s balance` : money(total)}</Fact>
        <Fact name="Balance used">{money(balanceUsed)}</Fact>
        <Fact name="Takes effect">
          {EFFECT[seen.takesEffect]}
          {takesEffectAt ? (
            <>
              {' '}
              <When at={takesEffectAt} />
            </>
          ) : null}
        </Fact>
        <Fact name="The next period">{renewal ? money(renewal.total) : null}</Fact>
      </dl>
      <Lines
        lines={renewal ? renewal.lines : seen.lines}
        money={money}
        of={renewal ? 'the next period' : 'the change'}
      />
      <ConfirmForm action={action} seen={seen} typed={typed} due={money(dueNow)} />
    </section>
  );
}

const EFFECT = {
  at_once: 'at once',
  when_paid: 'when what is due is paid',
  period_end: 'with the next period,',
} as const satisfies Record<Preview['takesEffect'], string>;

function Lines(props: {
  readonly lines: readonly PreviewLine[];
  readonly money: (amount: number) => string;
  readonly of: string;
}): VNode {
  return (
    <Table
      caption={`Lines of ${props.of}, before discounts and taxes`}
      columns={['Line', 'For', 'Amount']}
      numbers={['Amount']}
      empty="No invoice comes of it."
      rows={props.lines.map(({ description, amount, periodStart, periodEnd }, index) => ({
        key: `${index}`,
        cells: [description, <Period key="for" from={periodStart} to={periodEnd} />, props.money(amount)],
      }))}
    />
  );
}

function ConfirmForm({ action, seen, typed, due }: SeenProps & { readonly due: string }): VNode {
  const { sent } = useContext(PlaceContext);
  const { dueNow, total, prorationDate } = seen;
  const hidden = { ...typed, due: dueNow, total, date: prorationDate ?? '' };
  return (
    <form method="post" action={action} class="row">
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <label>
        Reason
        <input name="reason" value={sent?.text('reason')} required maxlength={500} autocomplete="off" />
      </label>
      <button type="submit">
        {seen.takesEffect === 'period_end' ? 'Plan the change' : `Change it, with ${due} due now`}
      </button>
    </form>
  );
}
