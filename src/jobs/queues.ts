/** The queues, one per kind of worker. Each can run in any number of processes. */
export const QUEUES = ['invoicing', 'adjustments', 'subscriptions', 'notifications', 'maintenance'] as const;
export type QueueName = (typeof QUEUES)[number];

export function isQueueName(name: string): name is QueueName {
  return QUEUES.some((queue) => queue === name);
}
