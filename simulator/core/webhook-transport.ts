import http from 'node:http';
import https from 'node:https';

/** What came of one attempt: the HTTP status, or why there is none. */
export type Attempted = { status: number } | { error: string };

/** Posts webhooks over kept-alive connections; never throws. */
export class WebhookTransport {
  readonly #agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

  post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<Attempted> {
    return new Promise((resolve) => {
      const target = new URL(url);
      const secure = target.protocol === 'https:';
      const request = (secure ? https : http).request(
        target,
        {
          method: 'POST',
          agent: secure ? this.#agents['https:'] : this.#agents['http:'],
          headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
          timeout: timeoutMs,
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
          response.on('error', (error) => resolve({ error: error.message }));
        },
      );
      // A socket that is silent for this long; the answer counts only when it is complete.
      request.on('timeout', () => request.destroy(new Error('timeout')));
      request.on('error', (error) => resolve({ error: error.message }));
      request.end(body);
    });
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }
}
