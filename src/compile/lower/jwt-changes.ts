import type { JwtPolicy } from '../../model/index.ts';

/** The headers that `jwt` writes, each with its claim: what clients say in them is dropped. */
export const writtenByJwt = (providers: JwtPolicy | null): ReadonlyMap<string, string> =>
  new Map(
    (providers ?? []).flatMap(({ claimToHeaders }) =>
      Object.entries(claimToHeaders).map(([claim, header]): [string, string] => [header, claim]),
    ),
  );

/**
 * Where the token is taken away once it is verified: `header authorization`, `query token`. Envoy
 * leaves cookies as they are.
 */
export const takenByJwt = (providers: JwtPolicy | null): ReadonlySet<string> =>
  new Set(
    (providers ?? []).flatMap(({ from, isForwarded }) =>
      isForwarded
        ? []
        : from.flatMap(({ kind, name }) => (kind === 'cookie' ? [] : [`${kind} ${name}`])),
    ),
  );
