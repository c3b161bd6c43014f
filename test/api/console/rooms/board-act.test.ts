import { describe, expect, test } from 'vitest';
import { boardAct } from '../../../../src/api/console/rooms/board-act.ts';

const event = 'evt_1PgAbC2eZvKYlo2C';
const message = '0b1f4f3a-5d0c-4a5e-9a53-6f9d3c1f2e11.0';

describe('in Bull Board passes', () => {
  test.each([
    ['invoicing/retry/failed', { what: 'retry', queue: 'invoicing', of: { state: 'failed' } }],
    ['adjustments/promote', { what: 'promote', queue: 'adjustments', of: { state: 'delayed' } }],
    ['notifications/clean/failed', { what: 'clean', queue: 'notifications', of: { state: 'failed' } }],
    ['maintenance/clean/delayed', { what: 'clean', queue: 'maintenance', of: { state: 'delayed' } }],
    ['subscriptions/clean/completed', { what: 'clean', queue: 'subscriptions', of: { state: 'completed' } }],
    ['invoicing/clean/wait', { what: 'clean', queue: 'invoicing', of: { state: 'wait' } }],
    [`invoicing/${event}/retry`, { what: 'retry', queue: 'invoicing', of: { job: event } }],
    [`invoicing/${event}/promote`, { what: 'promote', queue: 'invoicing', of: { job: event } }],
    [`invoicing/${event}/clean`, { what: 'clean', queue: 'invoicing', of: { job: event } }],
    [`notifications/${message}/clean`, { what: 'clean', queue: 'notifications', of: { job: message } }],
    ['invoicing/17/clean', { what: 'clean', queue: 'invoicing', of: { job: '17' } }],
  ])('PUT %s', (path, act) => {
    expect(boardAct('PUT', `/api/queues/${path}`)).toEqual(act);
  });
});

describe('in Bull Board does not pass', () => {
  test.each([
    ['PUT', 'pause'],
    ['PUT', 'resume'],
    ['PUT', 'invoicing/pause'],
    ['PUT', 'invoicing/resume'],
    ['PUT', 'invoicing/concurrency'],
    ['PUT', 'invoicing/rate-limit'],
    ['PUT', 'invoicing/rate-limit/release'],
    ['PUT', 'invoicing/empty'],
    ['PUT', 'invoicing/obliterate'],
    ['PUT', 'invoicing/job-schedulers/x/remove'],
    ['PATCH', 'invoicing/job-schedulers/x'],
    ['PUT', 'invoicing/job-schedulers/x/run'],
    ['PATCH', `invoicing/${event}/update-data`],
    ['PATCH', `invoicing/${event}/delay`],
    ['PATCH', `invoicing/${event}/priority`],
    ['PUT', `invoicing/${event}/remove-unprocessed-children`],
    ['POST', 'invoicing/add'],
    // What only looks like what is allowed.
    ['PUT', 'invoicing/retry/completed'],
    ['PUT', 'invoicing/retry/clean'],
    ['PUT', 'invoicing/retry/promote'],
    ['PUT', 'invoicing/clean/active'],
    ['PUT', 'invoicing/clean/retry'],
    ['PUT', 'pause/promote'],
    ['PUT', 'elsewhere/promote'],
    ['PUT', 'constructor/promote'],
    ['PUT', 'INVOICING/promote'],
    ['PUT', 'invoicing/promote/'],
    ['PUT', '/invoicing/promote'],
    ['PUT', 'invoicing/PROMOTE'],
    ['PUT', 'invoicing/%70romote'],
    ['PUT', 'invoicing/promote/../pause'],
    ['PUT', 'invoicing/evt_1%00/clean'],
    ['PUT', 'invoicing/evt_1%2Fclean/retry'],
    ['PUT', `invoicing/evt_${'x'.repeat(300)}/clean`],
    ['PUT', 'invoicing/a:repeat:b/clean'],
    ['POST', 'invoicing/promote'],
    ['DELETE', `invoicing/${event}/clean`],
    ['put', 'invoicing/promote'],
  ])('%s %s', (method, path) => {
    expect(boardAct(method, `/api/queues/${path}`)).toBeUndefined();
  });
});
