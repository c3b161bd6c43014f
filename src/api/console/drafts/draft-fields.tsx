import type { VNode } from 'preact';
import type { FieldProblem } from '../../../platform/field-problems.ts';
import { LineFields } from './line-fields.tsx';
import type { TypedDraft } from './typed-draft.ts';
import { Area, Input, idOf, ProblemOf } from './typed-field.tsx';

/** A draft is made or changed. Amounts are typed in major units; rows that stay empty are no lines. */
export interface DraftFieldsProps {
  /** Where the form is sent to. */
  readonly action: string;
  /** Where *Cancel* leads. */
  readonly back: string;
  /** By which a second press of *Save* is known to be the same; undefined: to save twice changes nothing. */
  readonly token?: string | undefined;
  readonly draft: TypedDraft;
  readonly problems: readonly FieldProblem[];
}

export function DraftFields({ action, back, token, draft, problems }: DraftFieldsProps): VNode {
  const field = { problems };
  return (
    <>
      {problems.length > 0 ? <Summary problems={problems} /> : null}
      <form method="post" action={action} class="draft">
        {token ? <input type="hidden" name="form" value={token} /> : null}
        <fieldset class="columns">
          <legend>Customer</legend>
          <Input
            {...field}
            name="customer_name"
            label="Name"
            value={draft.customer_name}
            required
            autofocus={draft.customer_name === '' && problems.length === 0}
          />
          <Input {...field} name="customer_email" label="E-mail" value={draft.customer_email} type="email" />
          <Area {...field} name="customer_address" label="Address" value={draft.customer_address} rows={3} />
        </fieldset>
        <fieldset class="columns">
          <legend>Invoice</legend>
          <Input
            {...field}
            name="currency"
            label="Currency"
            value={draft.currency}
            list="currencies"
            maxlength={3}
            required
          />
          <datalist id="currencies">
            {['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'PLN', 'JPY'].map((code) => (
              <option key={code} value={code} />
            ))}
          </datalist>
          <Input {...field} name="due_date" label="Due date" value={draft.due_date} type="date" />
          <Input
            {...field}
            name="series"
            label="Series of numbers"
            value={draft.series}
            hint="Numbers begin with it; empty: the year of the issue."
          />
          <label class="tick">
            <input type="checkbox" name="prices_include_tax" value="yes" checked={draft.prices_include_tax} />
            <span>Prices include tax</span>
          </label>
        </fieldset>
        <fieldset>
          <legend id={idOf('lines')} tabindex={-1}>
            Lines
          </legend>
          <ProblemOf {...field} name="lines" />
          <LineFields lines={draft.lines} problems={problems} />
        </fieldset>
        <Area {...field} name="notes" label="Notes for the customer" value={draft.notes} rows={3} />
        <div class="buttons">
          {/* The first button is the one that the Enter key presses. */}
          <button type="submit" name="next" value="save">
            Save draft
          </button>
          <button type="submit" name="next" value="rows" class="quiet" formnovalidate>
            Add rows
          </button>
          <a href={back}>Cancel</a>
        </div>
      </form>
    </>
  );
}

function Summary({ problems }: { readonly problems: readonly FieldProblem[] }): VNode {
  return (
    <div class="flash problem" role="alert">
      <p>The draft is not saved yet. Please look at:</p>
      <ul>
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            <a href={`#${idOf(field)}`}>
              {nameOf(field)} {message}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  customer_name: 'Name',
  customer_email: 'E-mail',
  customer_address: 'Address',
  currency: 'Currency',
  due_date: 'Due date',
  series: 'Series of numbers',
  notes: 'Notes',
  lines: 'Lines',
  description: 'Description',
  quantity: 'Quantity',
  unit_amount: 'Unit price',
  tax_percent: 'Tax',
};

/** `lines.0.unit_amount` → `Line 1, Unit price` */
function nameOf(field: string): string {
  const [, row, name] = /^lines\.(\d+)\.(\w+)$/.exec(field) ?? [];
  if (row !== undefined && name !== undefined) return `Line ${Number(row) + 1}, ${NAMES[name] ?? name}:`;
  return `${NAMES[field] ?? field}:`;
}
