import type { ComponentChildren, VNode } from 'preact';

export interface TableProps {
  /** For those who can't see the heading above it. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Of columns that hold amounts or counts. */
  readonly numbers?: readonly string[];
  /** Said instead of an empty table. */
  readonly empty: string;
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
}

/** On a narrow screen each row becomes a card in which every value stands beside its column's name. */
export function Table({ caption, columns, numbers = [], empty, rows }: TableProps): VNode {
  if (rows.length === 0) return <p class="hint">{empty}</p>;
  const style = (column: string | undefined) => (column && numbers.includes(column) ? 'number' : undefined);
  return (
    <table class="list">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" class={style(column)}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, position) => (
              <td key={columns[position]} class={style(columns[position])} data-column={columns[position]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
