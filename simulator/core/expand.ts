import type { Context } from './context.ts';
import { invalidParam } from './errors.ts';
import type { ObjectName } from './objects.ts';

/**
 * What can be expanded in one kind of object, by path inside of it: `'id'` where the field holds an id (or ids), a function
 * where the field appears only when asked for (it gets the owner's id).
 */
export type Expansions = {
  readonly [Name in ObjectName]?: Readonly<Record<string, 'id' | ((context: Context, ownerId: string) => unknown)>>;
};

/** One table of several: two resources may speak of the same kind of object. */
export function mergeExpansions(tables: readonly Expansions[]): MergedExpansions {
  const merged = new Map<string, Record<string, unknown>>();
  for (const table of tables) {
    for (const [kind, rules] of Object.entries(table)) merged.set(kind, { ...merged.get(kind), ...rules });
  }
  return merged;
}

/** Rules by the kind of the owner. */
export type MergedExpansions = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

const MAX_LEVELS = 4;

type Json = Record<string, unknown>;

interface Owner {
  kind: string;
  id: string;
  /** Path from the owner to the node, with a trailing dot, empty at the owner itself. */
  path: string;
}

/** A copy of `result` with the paths expanded; stored objects stay as they are. */
export function expandAll(context: Context, result: object, paths: readonly string[], rules: MergedExpansions): object {
  let expanded: Json = { ...result };
  for (const [index, path] of paths.entries()) {
    const segments = path.split('.');
    if (segments.length > MAX_LEVELS) {
      const message = `You cannot expand more than ${MAX_LEVELS} levels of a property. Property: ${path}`;
      throw invalidParam(message, `expand[${index}]`);
    }
    expanded = new Expansion(context, path, `expand[${index}]`, rules).of(expanded, segments);
  }
  return expanded;
}

class Expansion {
  readonly #context: Context;
  readonly #path: string;
  readonly #param: string;
  readonly #rules: MergedExpansions;

  constructor(context: Context, path: string, param: string, rules: MergedExpansions) {
    this.#context = context;
    this.#path = path;
    this.#param = param;
    this.#rules = rules;
  }

  of(root: Json, segments: readonly string[]): Json {
    return this.#walk(root, segments, { kind: '', id: '', path: '' });
  }

  #walk(node: Json, segments: readonly string[], inherited: Owner): Json {
    const [name, ...rest] = segments;
    if (name === undefined) return node;
    const owner = ownerOf(node, inherited);
    const rule = this.#rules.get(owner.kind)?.[`${owner.path}${name}`];
    const value = this.#resolve(node[name], rule, owner, rest.length === 0);
    const below: Owner = { ...owner, path: `${owner.path}${name}.` };
    return { ...node, [name]: rest.length === 0 ? value : this.#descend(value, rest, below) };
  }

  #resolve(value: unknown, rule: unknown, owner: Owner, last: boolean): unknown {
    if (typeof rule === 'function') return value ?? rule(this.#context, owner.id);
    if (rule === 'id') return Array.isArray(value) ? value.map((one) => this.#fetch(one)) : this.#fetch(value);
    if (!last && typeof value === 'object') return value;
    throw invalidParam(`This property cannot be expanded (${this.#path}).`, this.#param);
  }

  #fetch(value: unknown): unknown {
    if (typeof value !== 'string') return value;
    const found = this.#context.account.find(value);
    if (found !== undefined) return found;
    const kind = toldOfDeleted(value);
    if (kind === undefined) return value;
    const wasDeleted = Object.values(this.#context.account.store).some((each) => each.wasDeleted(value));
    return wasDeleted ? { id: value, object: kind, deleted: true } : value;
  }

  #descend(value: unknown, rest: readonly string[], owner: Owner): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#descend(one, rest, owner));
    return isJson(value) ? this.#walk(value, rest, owner) : value;
  }
}

/** Of these the contract knows a stub of what was deleted; of others, as test clocks, the id is left. */
function toldOfDeleted(id: string): 'customer' | 'product' | undefined {
  if (id.startsWith('cus_')) return 'customer';
  return id.startsWith('prod_') ? 'product' : undefined;
}

function ownerOf(node: Json, inherited: Owner): Owner {
  if (typeof node.object !== 'string') return inherited;
  return { kind: node.object, id: typeof node.id === 'string' ? node.id : '', path: '' };
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
