/** The queues, one per kind of worker. Each can run in any number of processes. */
export const QUEUES = ['invoicing', 'adjustments', 'subscriptions', 'notifications', 'maintenance'] as const;
export type QueueName = (typeof QUEUES)[number];

/** One of something for each queue. */
export function perQueue<T>(make: (name: QueueName) => T): Record<QueueName, T> {
  return {
    invoicing: make('invoicing'),
    adjustments: make('adjustments'),
    subscriptions: make('subscriptions'),
    notifications: make('notifications'),
    maintenance: make('maintenance'),
  };
}

export function isQueueName(name: string): name is QueueName {
  return QUEUES.some((queue) => queue === name);
}
