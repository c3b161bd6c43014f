import winston from 'winston';

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
/** Keys and webhook secrets that slipped into a text, e.g. an error message that quotes a request. */
const SECRET_TEXT = /\b(sk|rk|whsec|(?:pi|seti|cs)_\w+_secret)_\w{4,}/g;
/** Passwords in connection URLs. */
const URL_PASSWORD = /(\w+:\/\/[^:/\s]*:)[^@/\s]+@/g;

export function redactText(text: string): string {
  return text.replace(SECRET_TEXT, '$1_[redacted]').replace(URL_PASSWORD, '$1[redacted]@');
}

export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > 6) return '[deep]';
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Error) return { name: value.name, message: messageOf(value), ...codeOf(value) };
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, SECRET_FIELDS.test(key) ? '[redacted]' : redact(item, depth + 1)]),
  );
}

function codeOf(error: Error): { code?: unknown } {
  return 'code' in error ? { code: error.code } : {};
}

export function createLog(
  level: string,
  fields: Record<string, unknown> = {},
  transport: winston.transport = new winston.transports.Console(),
): Log {
  const redacting = winston.format((info) => {
    for (const key of Object.keys(info)) {
      info[key] = SECRET_FIELDS.test(key) ? '[redacted]' : redact(info[key]);
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
  process.stdout.write(
    `${JSON.stringify({ level: 'info', message: 'ready', timestamp: new Date().toISOString(), ...fields })}\n`,
  );
}

/** The one sentence of an unknown thrown value. */
export function messageOf(error: unknown): string {
  return redactText(error instanceof Error ? sentenceOf(error) : String(error));
}

/** Node throws errors with an empty message, such as one for all the addresses of a host that does not answer. */
function sentenceOf(error: Error): string {
  if (error.message) return error.message;
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return String(codeOf(error).code ?? error.name);
}
