import { join, relative } from 'node:path';
import type { CallExpression, Expression, Node, SourceFile } from 'typescript/unstable/ast';
import { isCallExpression, isIdentifier } from 'typescript/unstable/ast/is';
import { API, type Checker, type Type } from 'typescript/unstable/sync';
import { checkout } from '../../../bin/lib/checkout.ts';
import { declarationOf, NotKnown, type SqlTexts, sqlTexts } from './sql-texts.ts';

/** A call in src that tells what the rows of a statement are like. */
export interface RowCall {
  /** `src/…/file.ts:line` */
  readonly place: string;
  /** Every text that the statement may have; none where that is not known. */
  readonly texts: readonly string[];
  /** The piece of code that is known only when it runs. */
  readonly notKnown: string | undefined;
  /** Whether its bindings have names; else they go by position. */
  readonly isNamed: boolean;
  /** What is said of each column; undefined where nothing is said of the rows. */
  readonly row: ReadonlyMap<string, Type> | undefined;
  /** The caller says the rest of the row. */
  readonly isGeneric: boolean;
}

export interface RowCalls {
  readonly calls: readonly RowCall[];
  readonly checker: Checker;
  close(): void;
}

/** What the compiler knows by that name, the folder it lies in, and how the statement is found among the arguments. */
const readers = {
  rows: { file: 'src/platform/db.ts', sql: 1, bindings: 2 },
  firstRow: { file: 'src/platform/db.ts', sql: 1, bindings: 2 },
  readPage: { file: 'src/platform/pages.ts', sql: 2, bindings: undefined },
};
type Reader = keyof typeof readers;
const isReader = (name: string): name is Reader => Object.hasOwn(readers, name);

/**
 * All of them, as the compiler sees them. It calls its API unstable; its version is exact in package.json.
 * @param standInFor what to read for a piece of code that is known only when it runs
 */
export function rowCalls(standInFor: (file: string, code: string) => string | undefined): RowCalls {
  const api = new API({ cwd: checkout });
  const config = join(checkout, 'tsconfig.json');
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (project === undefined) throw new Error(`TypeScript opens no project at ${config}`);
  const { checker, program } = project;
  const texts = sqlTexts(checker, (node) => standInFor(pathOf(node.getSourceFile()), node.getText()));
  const calls = program
    .getSourceFileNames()
    .filter((name) => name.startsWith(join(checkout, 'src')) && !name.endsWith(readers.rows.file))
    .flatMap((name) => {
      const file = program.getSourceFile(name);
      return file && /\b(rows|firstRow|readPage)\b/.test(file.text) ? callsIn(file, checker, texts) : [];
    });
  return { calls, checker, close: () => api.close() };
}

const pathOf = (file: SourceFile) => relative(checkout, file.fileName);

function callsIn(file: SourceFile, checker: Checker, texts: SqlTexts): RowCall[] {
  const found: RowCall[] = [];
  const visit = (node: Node): void => {
    if (isCallExpression(node)) {
      const reader = readerOf(node, checker);
      if (reader) found.push(callOf(node, reader, checker, texts));
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

function readerOf(call: CallExpression, checker: Checker): Reader | undefined {
  if (!isIdentifier(call.expression) || !isReader(call.expression.text)) return undefined;
  const symbol = checker.getSymbolAtLocation(call.expression);
  const declared = symbol && declarationOf(checker, symbol);
  return declared && pathOf(declared.getSourceFile()) === readers[call.expression.text].file
    ? call.expression.text
    : undefined;
}

function callOf(call: CallExpression, reader: Reader, checker: Checker, texts: SqlTexts): RowCall {
  const { sql, bindings } = readers[reader];
  const file = call.getSourceFile();
  const statement = call.arguments[sql];
  const row = rowOf(call, reader, checker);
  // Of `unknown`, which is what is said where nothing is, there are none.
  const columns = row && columnsOf(row, checker);
  return {
    place: `${pathOf(file)}:${file.getLineAndCharacterOfPosition(call.getStart(file)).line + 1}`,
    ...knownTexts(statement, reader, texts),
    isNamed: bindings === undefined || isNamed(call.arguments[bindings], checker),
    row: columns && columns.size > 0 ? columns : undefined,
    isGeneric:
      row !== undefined &&
      (row.isTypeParameter() || (row.isIntersectionType() && row.getTypes().some((part) => part.isTypeParameter()))),
  };
}

function knownTexts(statement: Node | undefined, reader: Reader, texts: SqlTexts): Pick<RowCall, 'texts' | 'notKnown'> {
  try {
    if (statement === undefined) throw new Error('Bug: a call without a statement');
    // What a page is of is its SELECT; conditions and order come after it.
    const pieces = reader === 'readPage' ? texts.property(statement, 'select') : [statement];
    return { texts: pieces.flatMap((piece) => texts.of(piece)), notKnown: undefined };
  } catch (error) {
    if (error instanceof NotKnown) return { texts: [], notKnown: error.code };
    throw error;
  }
}

function isNamed(bindings: Expression | undefined, checker: Checker): boolean {
  const type = bindings && checker.getTypeAtLocation(bindings);
  // `Bindings` of any kind are passed on by name alone.
  return type !== undefined && !checker.isArrayLikeType(type);
}

/** The type argument, written or inferred, by way of the answer: a promise of rows, of one or none, of a page of them. */
function rowOf(call: CallExpression, reader: Reader, checker: Checker): Type | undefined {
  const signature = checker.getResolvedSignature(call);
  const answer = argumentOf(signature && checker.getReturnTypeOfSignature(signature), checker);
  if (reader === 'rows') return argumentOf(answer, checker);
  const one = answer && checker.getNonNullableType(answer);
  if (reader === 'firstRow' || one === undefined) return one;
  const rows = checker.getPropertyOfType(one, 'rows');
  return argumentOf(rows && checker.getTypeOfSymbol(rows), checker);
}

function argumentOf(type: Type | undefined, checker: Checker): Type | undefined {
  return type?.isTypeReference() ? checker.getTypeArguments(type)[0] : undefined;
}

function columnsOf(row: Type, checker: Checker): ReadonlyMap<string, Type> {
  return new Map(
    checker.getPropertiesOfType(row).flatMap((property) => {
      const type = checker.getTypeOfSymbol(property);
      return type ? [[property.name, type] as const] : [];
    }),
  );
}
