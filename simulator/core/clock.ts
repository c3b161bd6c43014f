interface Task {
  at: number;
  run: () => void;
}

/** A time in which things happen later: the account's clock, or a test clock. */
export interface Time {
  /** Seconds since the epoch. */
  now(): number;
  /** Runs `run` when `ms` of this time have passed. Returns a function that calls it off. */
  after(ms: number, run: () => void): () => void;
}

/**
 * The time of the simulated world: real time plus an offset that `advance` grows. Work for later (a settling bank
 * debit, an expiring session, a webhook retry) waits here, so that moving the clock makes it happen at once, in order.
 */
export class Clock implements Time {
  #offset = 0;
  #tasks: Task[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Milliseconds since the epoch, simulated. */
  nowMs(): number {
    return Date.now() + this.#offset;
  }

  /** Seconds since the epoch, simulated: the unit of every timestamp in the API. */
  now(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** How far the simulated clock is ahead of the real one, in seconds. */
  get offsetSeconds(): number {
    return this.#offset / 1000;
  }

  /** Runs `run` when `ms` of simulated time have passed. Returns a function that calls it off. */
  after(ms: number, run: () => void): () => void {
    const task: Task = { at: this.nowMs() + ms, run };
    this.#tasks.splice(this.#placeOf(task.at), 0, task);
    if (this.#tasks[0] === task) this.#arm();
    return () => {
      const found = this.#tasks.indexOf(task);
      if (found >= 0) this.#tasks.splice(found, 1);
    };
  }

  /**
   * Moves the clock forward. What becomes due on the way happens at its own time, and so does what follows from it: a year
   * has twelve renewals. Returns the number of tasks that ran.
   */
  advance(seconds: number): number {
    const target = this.#offset + seconds * 1000;
    const ran = this.#runDue(Date.now() + target);
    this.#offset = target;
    this.#arm();
    return ran;
  }

  /** Forgets all waiting work and the offset. */
  reset(): void {
    this.stop();
    this.#offset = 0;
  }

  stop(): void {
    this.#tasks = [];
    clearTimeout(this.#timer);
  }

  /** Behind all tasks that are due at the same time or before. */
  #placeOf(at: number): number {
    let [low, high] = [0, this.#tasks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#tasks[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #runDue(horizon = this.nowMs()): number {
    let ran = 0;
    for (;;) {
      const [first] = this.#tasks;
      if (first === undefined || first.at > horizon) break;
      this.#tasks.shift();
      this.#offset = Math.max(this.#offset, first.at - Date.now());
      first.run();
      ran++;
    }
    this.#arm();
    return ran;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const [first] = this.#tasks;
    if (first === undefined) return;
    const wait = Math.min(Math.max(first.at - this.nowMs(), 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => this.#runDue(), wait).unref();
  }
}
