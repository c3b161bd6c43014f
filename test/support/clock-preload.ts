/** Loaded into a process with `node --import`: its clock is ahead of the machine's by CLOCK_AHEAD_SECONDS. */
const aheadMs = Number(process.env.CLOCK_AHEAD_SECONDS || 0) * 1000;
const real = Date;
const now = (): number => real.now() + aheadMs;

globalThis.Date = new Proxy(real, {
  construct: (target, words, newTarget) => Reflect.construct(target, words.length === 0 ? [now()] : words, newTarget),
  apply: () => new real(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
