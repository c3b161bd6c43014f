import { type Checker, type Type, TypeFlags } from 'typescript/unstable/sync';
import type { DescribedColumn } from './described.ts';

type Kind = 'string' | 'number' | 'boolean' | 'Date' | 'Buffer' | 'string[]' | 'number[]' | 'json';

/** What the driver makes of a value, by its type in Postgres. A type that is missing here is a complaint. */
const kinds: Readonly<Record<string, Kind>> = {
  text: 'string',
  varchar: 'string',
  uuid: 'string',
  name: 'string',
  numeric: 'string',
  regclass: 'string',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  date: 'Date',
  timestamptz: 'Date',
  bytea: 'Buffer',
  json: 'json',
  jsonb: 'json',
  _text: 'string[]',
  _int4: 'number[]',
};

/** Where what is said of a row differs from what Postgres returns, one sentence each. */
export function liesOf(
  said: ReadonlyMap<string, Type>,
  columns: readonly DescribedColumn[],
  checker: Checker,
  isGeneric: boolean,
): string[] {
  const lies: string[] = [];
  for (const name of said.keys())
    if (!columns.some((column) => column.name === name)) lies.push(`${name}: the statement returns no such column`);
  for (const column of columns) {
    const type = said.get(column.name);
    if (type) lies.push(...liesAbout(column, type, checker).map((lie) => `${column.name}: ${lie}`));
    else if (!isGeneric) lies.push(`${column.name}: is returned, and nobody says so`);
  }
  return lies;
}

function liesAbout(column: DescribedColumn, type: Type, checker: Checker): string[] {
  const said = checker.typeToString(type);
  const parts = type.isUnionType() ? type.getTypes() : [type];
  const values = parts.filter(({ flags }) => !(flags & TypeFlags.Null));
  const isNullable = values.length < parts.length;
  const lies: string[] = [];
  if (column.notNull === false && !isNullable) lies.push(`may be NULL, which ${said} does not say`);
  if (column.notNull === true && isNullable) lies.push(`is NOT NULL, and ${said} makes everybody ask`);
  const kind = kinds[column.type];
  if (kind === undefined) lies.push(`what does the driver make of a ${column.type}?`);
  else if (!values.every((value) => fits(value, kind, checker)))
    lies.push(`${column.type} is read as ${kind}, not as ${said}`);
  const unsaid = missingOf(column, values);
  if (unsaid.length > 0) lies.push(`may be ${unsaid.join(' or ')}, which ${said} does not say`);
  return lies;
}

/** What the table lets stand in it, and a union of texts does not name. */
function missingOf({ allowed = [] }: DescribedColumn, values: readonly Type[]): readonly string[] {
  const named = values.flatMap((value) => (value.isStringLiteralType() ? [value.value] : []));
  return named.length < values.length ? [] : allowed.filter((text) => !named.includes(text));
}

function fits(type: Type, kind: Kind, checker: Checker): boolean {
  const { flags } = type;
  switch (kind) {
    case 'string':
      return isText(type);
    case 'number':
      return (flags & (TypeFlags.Number | TypeFlags.NumberLiteral)) !== 0;
    case 'boolean':
      return (flags & (TypeFlags.Boolean | TypeFlags.BooleanLiteral)) !== 0;
    case 'json':
      // What stands in it is for the reader of the column to say.
      return (flags & (TypeFlags.Any | TypeFlags.Undefined)) === 0;
    case 'Date':
    case 'Buffer':
      return type.getSymbol()?.name === kind;
    case 'string[]':
    case 'number[]':
      return checker.typeToString(type).replace(/^readonly /, '') === kind;
  }
}

/** Also one of some texts, and a text of a certain kind. */
function isText(type: Type): boolean {
  if (type.isIntersectionType()) return type.getTypes().some(isText);
  return (type.flags & (TypeFlags.String | TypeFlags.StringLiteral | TypeFlags.TemplateLiteral)) !== 0;
}
