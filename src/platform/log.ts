import winston from 'winston';
import { redactForLog, redactText } from './redaction.ts';

/** Structured log: one JSON object a line on standard output; secrets and personal data are cut out by field name. */
export type Log = winston.Logger;

const SECRET_FIELDS = new RegExp(
  [
    '^(authorization|cookie|set-cookie|stripe-signature|payload)$',
    '^((customer|billing|shipping)_details|shipping|((customer|first|last|full|business)_)?name)$',
    // whatever it is the secret or the address of: customer_email, webhook_secret
    '(^|_)(password|secrets?|token|api_key|email|phone|address)$',
  ].join('|'),
  'i',
);
/** More of a list or of an object is nothing that a person reads in a line. */
const MOST_ITEMS = 100;
const DEEPEST = 6;

/** A copy for the log: without secrets and personal data, and of bounded size. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactForLog(value);
  if (typeof value === 'bigint') return String(value);
  // JSON would call one that is named toJSON, and write down what that says.
  if (typeof value === 'function') return '[function]';
  if (value === null || typeof value !== 'object') return value;
  if (depth > DEEPEST) return '[deep]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no time]' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Error) return { name: value.name, message: redactForLog(sentenceOf(value)), ...codeOf(value) };
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, MOST_ITEMS)
      .map(([name, item]) => [redactForLog(name), SECRET_FIELDS.test(name) ? '[redacted]' : redact(item, depth + 1)]),
  );
}

function codeOf(error: Error): { code?: unknown } {
  return 'code' in error ? { code: redact(error.code) } : {};
}

export function createLog(
  level: string,
  fields: Record<string, unknown> = {},
  transport: winston.transport = new winston.transports.Console(),
): Log {
  const redacting = winston.format((info) => {
    for (const [name, value] of Object.entries(info)) {
      const told = redactForLog(name);
      if (told !== name) delete info[name];
      info[told] = SECRET_FIELDS.test(name) ? '[redacted]' : redact(value);
    }
    return info;
  });
  return winston.createLogger({
    level,
    defaultMeta: fields,
    format: winston.format.combine(winston.format.timestamp(), redacting(), winston.format.json()),
    transports: [transport],
  });
}

/** The line that whoever started the process waits for; it comes whatever the log level is. */
export function sayReady(fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(lineOf('info', 'ready', fields));
}

/** A line of the log, for when there is no time for a stream. */
export function lineOf(level: string, message: string, fields: Readonly<Record<string, unknown>>): string {
  const line = { level, message, timestamp: new Date().toISOString(), ...redactFields(fields, 0) };
  return `${JSON.stringify(line)}\n`;
}

/** The one sentence of an unknown thrown value, without secrets. */
export function messageOf(error: unknown): string {
  return redactText(error instanceof Error ? sentenceOf(error) : String(error));
}

/** Node throws errors with an empty message, such as one for all the addresses of a host that does not answer. */
function sentenceOf(error: Error): string {
  if (error.message) return error.message;
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return String(codeOf(error).code ?? error.name);
}
