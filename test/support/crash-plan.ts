import { z } from 'zod';

/** What is agreed between a test and the worker that it kills (crash-preload.ts). */

/** The point of a job at which its worker dies: by number, counted from 1, or the first one with this name. */
const crash = z.object({
  at: z.number().optional(),
  what: z.string().optional(),
  side: z.enum(['before', 'after']),
});
export type Crash = z.output<typeof crash>;

/** By event id; `any` stands for every event. A job that never gets to its point is run to its end. */
const plan = z.record(z.string(), crash);

export function crashPlan(json: string | undefined): Map<string, Crash> {
  return new Map(Object.entries(plan.parse(JSON.parse(json ?? '{}'))));
}

/** How the job of an event ended: where it was stopped, or that it was done, and the points that it had come to. */
const crashLine = z.object({ event: z.string(), died: z.string().optional(), points: z.array(z.string()) });
export type CrashLine = { event: string; died?: string; points: string[] };

export function crashLines(output: string): CrashLine[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{"event"')) return [];
    const { event, died, points } = crashLine.parse(JSON.parse(line));
    return [died === undefined ? { event, points } : { event, died, points }];
  });
}
