import { request as httpRequest } from 'node:http';

export interface AdminReply {
  readonly status: number;
  readonly body: string;
}

const REPLY_MS_MAX = 10_000;

/** One request to Envoy's admin port, on a connection of its own. */
export function request(
  address: string,
  path: string,
  method: 'GET' | 'POST',
): Promise<AdminReply> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `http://${address}${path}`,
      { method, agent: false, timeout: REPLY_MS_MAX },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer from ${address}${path}`)));
    sent.once('error', reject);
    sent.end();
  });
}
