type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

/** The fields of Stripe's error envelope beyond type and message; `undefined` ones are not sent. */
export interface ErrorDetails {
  code?: string;
  param?: string;
  decline_code?: string;
  charge?: string;
  payment_intent?: object;
  payment_method?: object;
  advice_code?: string;
  network_decline_code?: string;
}

/**
 * An answer that is not 2xx. `beforeExecution` errors (bad parameters, wrong key, limits, conflicts) are not kept under
 * an idempotency key; all others are, as Stripe does.
 */
export class StripeError extends Error {
  readonly status: number;
  readonly type: ErrorType;
  readonly details: ErrorDetails;
  readonly headers: Record<string, string>;
  readonly beforeExecution: boolean;

  constructor(
    status: number,
    type: ErrorType,
    message: string,
    details: ErrorDetails = {},
    options: { beforeExecution?: boolean; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = 'StripeError';
    this.status = status;
    this.type = type;
    this.details = details;
    this.headers = options.headers ?? {};
    this.beforeExecution = options.beforeExecution ?? false;
  }
}

/** The JSON body of an error, with the links that Stripe puts beside a code and a request. */
export function errorBody(error: StripeError, requestId: string, livemode: boolean): object {
  const { code } = error.details;
  return {
    error: {
      ...(code === undefined ? {} : { doc_url: `https://docs.stripe.com/error-codes/${code.replaceAll('_', '-')}` }),
      message: error.message,
      ...error.details,
      request_log_url: `https://dashboard.stripe.com/${livemode ? '' : 'test/'}workbench/logs?object=${requestId}`,
      type: error.type,
    },
  };
}

const before = { beforeExecution: true };

/** A request that the endpoint began to work on and refused: kept under its idempotency key. */
export function refused(message: string, details: ErrorDetails = {}): StripeError {
  return new StripeError(400, 'invalid_request_error', message, details);
}

/** A parameter that is wrong before anything was executed. */
export function invalidParam(message: string, param: string, code?: string): StripeError {
  return new StripeError(
    400,
    'invalid_request_error',
    message,
    code === undefined ? { param } : { code, param },
    before,
  );
}

export const missingParam = (param: string): StripeError =>
  invalidParam(`Missing required param: ${param}.`, param, 'parameter_missing');

export function unknownParams(names: readonly string[]): StripeError {
  const what = names.length === 1 ? 'Received unknown parameter' : 'Received unknown parameters';
  return invalidParam(`${what}: ${names.join(', ')}`, names[0] ?? '', 'parameter_unknown');
}

/** Stripe knows this parameter and the simulator does not act on it: better a loud no than a silent difference. */
export const notSimulated = (param: string): StripeError =>
  invalidParam(`simulator: parameter ${param} is not simulated`, param, 'parameter_not_simulated');

/** `what` is the object's name as Stripe writes it there: "invoice", "customer", "payment_intent". */
export function noSuch(what: string, id: string, param = 'id', status = 404): StripeError {
  const message = `No such ${what}: '${id}'`;
  return new StripeError(status, 'invalid_request_error', message, { code: 'resource_missing', param });
}

export function unrecognizedUrl(method: string, path: string): StripeError {
  const message = `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
  return new StripeError(404, 'invalid_request_error', message, {}, before);
}

export const unauthorized = (message: string): StripeError =>
  new StripeError(
    401,
    'invalid_request_error',
    message,
    {},
    {
      beforeExecution: true,
      headers: { 'WWW-Authenticate': 'Basic realm="Stripe"' },
    },
  );

export const rateLimited = (reason: 'global-rate' | 'endpoint-rate'): StripeError =>
  new StripeError(
    429,
    'invalid_request_error',
    'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    { code: 'rate_limit' },
    { beforeExecution: true, headers: { 'stripe-should-retry': 'false', 'stripe-rate-limited-reason': reason } },
  );

export const lockTimeout = (): StripeError =>
  new StripeError(
    429,
    'invalid_request_error',
    'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.',
    { code: 'lock_timeout' },
    { beforeExecution: true, headers: { 'stripe-should-retry': 'true' } },
  );

/** A refusal without a code that a program could know. */
export const refusedForNow = (): StripeError =>
  new StripeError(400, 'invalid_request_error', 'This request cannot be carried out.', {}, before);

/** An outage: 500 or 503 with Stripe's apology. */
export const apiError = (status: number, beforeExecution: boolean): StripeError =>
  new StripeError(
    status,
    'api_error',
    'Sorry! There was an error while talking to one of our backends. Support has been notified.',
    {},
    { beforeExecution },
  );
