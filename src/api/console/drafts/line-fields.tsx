import type { VNode } from 'preact';
import type { FieldProblem } from '../../../platform/field-problems.ts';
import type { TypedLine } from './typed-draft.ts';
import { described, ProblemOf } from './typed-field.tsx';

/** The lines of a draft as a table of fields. */
export interface LineFieldsProps {
  readonly lines: readonly TypedLine[];
  readonly problems: readonly FieldProblem[];
}

const COLUMNS = [
  { key: 'description', label: 'Description' },
  { key: 'quantity', label: 'Quantity' },
  { key: 'unit_amount', label: 'Unit price' },
  { key: 'tax_percent', label: 'Tax %' },
] as const;
const PLACEHOLDERS = { description: '', quantity: '1', unit_amount: '0.00', tax_percent: '' } as const;

export function LineFields({ lines, problems }: LineFieldsProps): VNode {
  return (
    <table class="list fields">
      <thead>
        <tr>
          {COLUMNS.map(({ key, label }) => (
            <th key={key} scope="col">
              {label}
            </th>
          ))}
          <th scope="col">Extra</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, row) => (
          <tr key={row}>
            {COLUMNS.map(({ key, label }) => {
              const name = `lines.${row}.${key}`;
              return (
                <td key={key} data-column={label} class={key}>
                  <input
                    name={name}
                    value={line[key]}
                    placeholder={PLACEHOLDERS[key]}
                    aria-label={`Line ${row + 1}, ${label}`}
                    autocomplete="off"
                    {...(key === 'description' ? { maxlength: 500 } : { inputmode: 'decimal' as const, maxlength: 20 })}
                    {...described(name, problems)}
                  />
                  <ProblemOf name={name} problems={problems} />
                </td>
              );
            })}
            <td data-column="Extra">
              <input
                type="checkbox"
                name={`lines.${row}.optional`}
                value="yes"
                checked={line.optional}
                aria-label={`Line ${row + 1} is an optional extra`}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
