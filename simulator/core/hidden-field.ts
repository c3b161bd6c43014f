/**
 * What the simulator knows of a stored object and Stripe does not show: it lies in the object itself, beside its fields, and
 * goes where the object goes. No JSON and no copy has it.
 */
export class HiddenField<Owner extends object, T> {
  readonly #key: symbol;

  constructor(name: string) {
    this.#key = Symbol(name);
  }

  get(owner: Owner): T | undefined {
    // Only `set` writes under this key.
    const object: object = owner;
    return Reflect.get(object, this.#key);
  }

  has(owner: Owner): boolean {
    return Reflect.has(owner, this.#key);
  }

  set(owner: Owner, value: T): void {
    Object.defineProperty(owner, this.#key, { value, enumerable: false, configurable: true });
  }

  delete(owner: Owner): void {
    Reflect.deleteProperty(owner, this.#key);
  }
}
