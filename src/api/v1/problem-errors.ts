import { type FieldProblem, toldProblems } from '../../platform/field-problems.ts';

/** What is wrong where, as it stands in `errors` of a problem: in a field of the body, or in a parameter of the query. */
export type ProblemError =
  /** A JSON Pointer in the form of a fragment, as in RFC 9457: `#/lines/0/unit_amount`; `#` is the body as a whole. */
  { readonly pointer: string; readonly detail: string } | { readonly parameter: string; readonly detail: string };

export function inBody(problems: readonly FieldProblem[]): readonly ProblemError[] {
  return toldProblems(problems).map(({ field, message }) => ({ pointer: pointerOf(field), detail: message }));
}

export function inQuery(problems: readonly FieldProblem[]): readonly ProblemError[] {
  return toldProblems(problems).map(({ field, message }) => ({ parameter: field, detail: message }));
}

/** No name of ours has a dot in it. One that is not known here may, and is told as it reads. */
function pointerOf(field: string): string {
  if (field === 'body') return '#';
  return ['#', ...field.split('.').map(escaped)].join('/');
}

/** RFC 6901: what means something in a pointer, and in a fragment. The rest stays readable. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25');
}
