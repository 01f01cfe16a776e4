import type { Http2Session } from 'node:http2';

/** A peer that does not answer a ping is cut. */
export interface Keepalive {
  readonly everyMs: number;
  readonly withinMs: number;
}

/** The answer stops it. */
export function keepAlive(session: Http2Session, { everyMs, withinMs }: Keepalive): () => void {
  let timer: NodeJS.Timeout;
  const cut = (): void => session.destroy();
  const waitToAsk = (): void => {
    timer = setTimeout(ask, everyMs).unref();
  };
  const ask = (): void => {
    if (session.destroyed) return;
    timer = setTimeout(cut, withinMs).unref();
    const isAsked = session.ping((error) => {
      clearTimeout(timer);
      if (error === null) waitToAsk();
      else if (!session.destroyed) cut();
    });
    if (!isAsked) cut();
  };
  waitToAsk();
  return () => clearTimeout(timer);
}
