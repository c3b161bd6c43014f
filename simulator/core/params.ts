import { invalidParam, missingParam, notSimulated, unknownParams } from './errors.ts';
import type { FormMap, FormValue } from './form.ts';

/** How one parameter is read from the form. `required` ones missing are an error; others are `undefined`. */
export interface Param<T, Required extends boolean = boolean> {
  readonly required: Required;
  /** The parameters inside of this one: of the object, or of each element. */
  readonly nested?: Shape | undefined;
  read(value: FormValue, name: string): T;
}

/** The parameters that a route knows, by name. */
export type Shape = Readonly<Record<string, Param<unknown>>>;

/** What a handler receives for a shape: `undefined` means not sent, `null` (of a clearable one) means unset it. */
export type Params<S extends Shape> = {
  [K in keyof S]: S[K] extends Param<infer T, true> ? T : S[K] extends Param<infer T> ? T | undefined : never;
};

export function required<T>(param: Param<T>): Param<T, true> {
  return { required: true, read: param.read, nested: param.nested };
}

export function optional<T>(read: (value: FormValue, name: string) => T, nested?: Shape): Param<T, false> {
  return { required: false, read, nested };
}

/** A parameter whose empty string means "unset": Stripe writes these `x | ''`. The handler gets `null`. */
export function clearable<T>(param: Param<T>): Param<T | null, false> {
  return optional((value, name) => (value === '' ? null : param.read(value, name)), param.nested);
}

/** A parameter that Stripe accepts and that has no counterpart here: refused loudly. */
export function unsimulated(): Param<never, false> {
  return optional((_value, name) => {
    throw notSimulated(name);
  });
}

export function string(limits: { max?: number } = {}): Param<string, false> {
  const max = limits.max ?? 5000;
  return optional((value, name) => {
    const text = scalar(value, name, 'string');
    if (text === '') {
      const message = `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`;
      throw invalidParam(message, name, 'parameter_invalid_empty');
    }
    if (text.length > max) {
      throw invalidParam(`Invalid string: ${text.slice(0, 10)}...; must be at most ${max} characters`, name);
    }
    return text;
  });
}

/** Free text that can be emptied, such as a description. */
export const text = (limits: { max?: number } = {}): Param<string | null, false> => clearable(string(limits));

/** Whole numbers; amounts are in minor units of their currency. */
export function int(range: { min?: number; max?: number } = {}): Param<number, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'integer');
    const number = Number(written);
    if (written === '' || !/^[+-]?\d+$/.test(written) || !Number.isSafeInteger(number)) {
      throw invalidParam(`Invalid integer: ${written}`, name, 'parameter_invalid_integer');
    }
    checkRange(number, range, name, written);
    return number;
  });
}

export function decimal(range: { min?: number; max?: number } = {}): Param<number, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'decimal');
    if (!/^-?\d+(\.\d+)?$/.test(written)) throw invalidParam(`Invalid decimal: ${written}`, name);
    checkRange(Number(written), range, name, written);
    return Number(written);
  });
}

function checkRange(number: number, range: { min?: number; max?: number }, name: string, written: string): void {
  const { min, max } = range;
  const code = 'parameter_invalid_integer';
  if (max !== undefined && number > max) {
    const message = `This value must be less than or equal to ${max} (it currently is '${written}').`;
    throw invalidParam(message, name, code);
  }
  if (min !== undefined && number < min) {
    throw invalidParam(`This value must be greater than or equal to ${min}.`, name, code);
  }
}

export function bool(): Param<boolean, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'boolean');
    if (written !== 'true' && written !== 'false') throw invalidParam(`Invalid boolean: ${written}`, name);
    return written === 'true';
  });
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Param<Choice, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'string');
    const found = choices.find((choice) => choice === written);
    if (found === undefined) throw invalidParam(`Invalid ${name}: must be ${orList(choices)}`, name);
    return found;
  });
}

function orList(choices: readonly string[]): string {
  if (choices.length === 1) return `${choices[0]}`;
  const last = choices.at(-1);
  const comma = choices.length > 2 ? ',' : '';
  return `one of ${choices.slice(0, -1).join(', ')}${comma} or ${last}`;
}

export function array<T>(item: Param<T>, limits: { max?: number } = {}): Param<T[], false> {
  return optional((value, name) => {
    if (!(value instanceof Map)) {
      if (value === '') return [];
      throw invalidParam('Invalid array', name);
    }
    const entries = [...value].map(([index, element]) => {
      if (!/^\d+$/.test(index)) throw invalidParam('Invalid array', name);
      return [Number(index), element] as const;
    });
    if (limits.max !== undefined && entries.length > limits.max) {
      throw invalidParam(`Array too long: maximum size is ${limits.max}, got ${entries.length}`, name);
    }
    entries.sort(([a], [b]) => a - b);
    return entries.map(([index, element]) => item.read(element, `${name}[${index}]`));
  }, item.nested);
}

export function object<S extends Shape>(shape: S): Param<Params<S>, false> {
  return optional((value, name) => {
    if (!(value instanceof Map)) throw invalidParam('Invalid object', name);
    return readParams(shape, value, name);
  }, shape);
}

/** Free keys, one shape for every value: `currency_options[eur][unit_amount]=`. */
export function dictionary<T>(param: Param<T>): Param<Record<string, T>, false> {
  return optional((value, name) => {
    if (!(value instanceof Map)) throw invalidParam('Invalid object', name);
    return Object.fromEntries([...value].map(([key, element]) => [key, param.read(element, `${name}[${key}]`)]));
  });
}

/** Either the first shape, when the value is a map, or the second, when it is a plain text. */
export function either<A, B>(map: Param<A>, plain: Param<B>): Param<A | B, false> {
  return optional(
    (value, name) => (value instanceof Map ? map.read(value, name) : plain.read(value, name)),
    map.nested,
  );
}

/** Reads a whole form against a shape. `prefix` is the name of the enclosing parameter, empty at the top. */
export function readParams<S extends Shape>(shape: S, form: FormMap, prefix = ''): Params<S> {
  const full = (name: string): string => (prefix === '' ? name : `${prefix}[${name}]`);
  const unknown = [...form.keys()].filter((name) => !Object.hasOwn(shape, name));
  if (unknown.length > 0) throw unknownParams(unknown.map(full));
  const read: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(shape)) {
    const value = form.get(name);
    if (value === undefined) {
      if (param.required) throw missingParam(full(name));
      read[name] = undefined;
    } else {
      read[name] = param.read(value, full(name));
    }
  }
  if (isWhole(read, shape)) return read;
  throw new Error(`Bug: not every parameter of ${prefix || 'the form'} was read`);
}

/** Whether each parameter of the shape was looked at; that its own `read` has made the value is for the loop to say. */
function isWhole<S extends Shape>(read: object, shape: S): read is Params<S> {
  return Object.keys(shape).every((name) => Object.hasOwn(read, name));
}

export function scalar(value: FormValue, name: string, kind: string): string {
  if (typeof value === 'string') return value;
  throw invalidParam(`Invalid ${kind}: {}`, name);
}
