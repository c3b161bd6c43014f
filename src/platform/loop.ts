/** Runs a task again and again until stopped: `everyMs` after one round ends the next begins. A failed round is reported. */
export interface Loop {
  /** Resolves when the running round, if any, has ended. */
  stop(): Promise<void>;
}

export function loop(everyMs: number, round: () => Promise<unknown>, onError: (error: unknown) => void): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const next = (): void => {
    if (stopped) return;
    running = round().then(
      () => undefined,
      (error: unknown) => onError(error),
    );
    running.then(() => {
      if (!stopped) timer = setTimeout(next, everyMs);
    });
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
