/** `2026-01-01`: the first moment of that day, UTC. */
export function parseDay(text: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(day.getTime())) throw new Error(`--since must be a day like 2026-01-01, not ${text}.`);
  return day;
}
