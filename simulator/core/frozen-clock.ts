import type { Time } from './clock.ts';
import { HiddenField } from './hidden-field.ts';
import type { ObjectTypes } from './objects.ts';

interface Task {
  at: number;
  run: () => void;
}

/** A time that stands still until somebody moves it: what a test clock gives to its customers. Seconds since the epoch. */
export class FrozenClock implements Time {
  #now: number;
  #tasks: Task[] = [];

  constructor(frozenTime: number) {
    this.#now = frozenTime;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const task: Task = { at: this.#now + ms / 1000, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task);
    };
  }

  /** Each task runs at its own time, those of the same time in the order in which they were planned. */
  advanceTo(seconds: number): void {
    for (;;) {
      const due = this.#tasks.filter(({ at }) => at <= seconds);
      const next = due.reduce<Task | undefined>(
        (first, task) => (first && first.at <= task.at ? first : task),
        undefined,
      );
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#now = Math.max(this.#now, Math.floor(next.at));
      next.run();
    }
    this.#now = Math.max(this.#now, seconds);
  }
}

/** The time behind a test clock. */
export const timeOfTestClock = new HiddenField<ObjectTypes['test_helpers.test_clock'], FrozenClock>('timeOfTestClock');
