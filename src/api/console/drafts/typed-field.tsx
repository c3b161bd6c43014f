import type { VNode } from 'preact';
import type { FieldProblem } from '../../../platform/field-problems.ts';

/** Fields of a form, each with its problem beside it, which screen readers tell together with the field. */
interface FieldProps {
  /** Also the name in `FieldProblem`. */
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly problems: readonly FieldProblem[];
  readonly required?: boolean;
  readonly hint?: string;
}

export function idOf(field: string): string {
  return `field-${field.replaceAll('.', '-')}`;
}

interface InputProps extends FieldProps {
  readonly type?: 'text' | 'email' | 'date';
  readonly list?: string;
  readonly maxlength?: number;
  readonly autofocus?: boolean;
}

export function Input({ label, hint, problems, type = 'text', ...field }: InputProps): VNode {
  return (
    <label>
      {label}
      <input {...field} type={type} autocomplete="off" {...described(field.name, problems)} />
      {hint ? <span class="hint">{hint}</span> : null}
      <ProblemOf name={field.name} problems={problems} />
    </label>
  );
}

export function Area({ label, hint, problems, value, ...field }: FieldProps & { readonly rows: number }): VNode {
  return (
    <label>
      {label}
      <textarea {...field} {...described(field.name, problems)}>
        {value}
      </textarea>
      {hint ? <span class="hint">{hint}</span> : null}
      <ProblemOf name={field.name} problems={problems} />
    </label>
  );
}

export function described(name: string, problems: readonly FieldProblem[]) {
  const wrong = problems.some(({ field }) => field === name);
  return {
    id: idOf(name),
    ...(wrong ? { 'aria-invalid': 'true' as const, 'aria-describedby': `${idOf(name)}-problem` } : {}),
  };
}

export function ProblemOf({ name, problems }: Pick<FieldProps, 'name' | 'problems'>): VNode | null {
  const own = problems.filter(({ field }) => field === name);
  if (own.length === 0) return null;
  return (
    <span class="problem" id={`${idOf(name)}-problem`}>
      {own.map(({ message }) => message).join('; ')}
    </span>
  );
}
