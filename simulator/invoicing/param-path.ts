/** The full name of a parameter inside another one: `within('lines[0]', 'period', 'end')` is `lines[0][period][end]`. */
export function within(prefix: string, ...names: string[]): string {
  const [first = '', ...rest] = names;
  const start = prefix === '' ? first : `${prefix}[${first}]`;
  return rest.reduce((path, name) => `${path}[${name}]`, start);
}
