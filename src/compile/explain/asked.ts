/** A request as Envoy gets it. */
export interface Asked {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As it is written, since capitals count for scopes; IPv6 in brackets, without the port. */
  readonly host: string;
  /** Null where the URL has none. */
  readonly port: number | null;
  /** With its query. */
  readonly target: string;
  /** By lower-cased name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** What a TLS client asks for. */
  readonly sni: string;
}

/** A request whose path is as the routes see it. */
export interface Seen extends Asked {
  /** Without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

/** Host with the port where the URL has one. */
export const authorityOf = ({ host, port }: Asked): string =>
  port === null ? host : `${host}:${port}`;

/** Lines of a header that Envoys do not read alike: some join them, others look at each. */
export const linesOf = (request: Seen, name: string): readonly string[] =>
  name === 'cookie' ? [] : (request.headers.get(name) ?? []);

/** The value of a header as Envoy's matchers see it; null where there is none. */
export function headerOf(request: Seen, name: string): string | null {
  switch (name) {
    case ':method':
      return request.method;
    case ':path':
      return request.query === '' ? request.path : `${request.path}?${request.query}`;
    case ':scheme':
      return request.scheme;
    case ':authority':
    case 'host':
      return authorityOf(request);
    default: {
      const values = request.headers.get(name);
      return values === undefined ? null : values.join(name === 'cookie' ? '; ' : ',');
    }
  }
}
