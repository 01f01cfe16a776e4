import { resolve } from 'node:path';
import { z } from 'zod';
import { ExpectedError, type Origin, type Span } from '../base/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { compileFolder, type CompiledFolder } from './compile-folder.ts';
import { type PortClaim, requirePorts } from './ports.ts';

export interface UpSource {
  /** As the user typed it. */
  readonly dir: string;
  readonly cwd: string;
  readonly allowPath: readonly string[];
  /** How the user calls helve. */
  readonly command: string;
  /** Ports that are wanted beside those of the listeners. */
  readonly claims: readonly PortClaim[];
}

/**
 * What a first look should not have to wait for: a folder that is not there, or has no documents,
 * and ports that are taken. Returns false where there are errors, so that ports are unknown yet.
 */
export async function checkSource(from: UpSource): Promise<boolean> {
  const { dir, cwd, allowPath, command, claims } = from;
  const compiled = await compileFolder({
    source: resolve(cwd, dir),
    allowPaths: allowPath.map((path) => resolve(cwd, path)),
  });
  try {
    const { diagnostics } = compiled;
    const foreign = diagnostics.find(({ code }) => code === 'SOURCE_FOREIGN');
    if (foreign !== undefined) {
      const how = `${command} up DIR, or begin one: ${command} init DIR`;
      throw new ExpectedError(`${dir} has nothing for helve: ${foreign.message}: ${how}`);
    }
    const nothing = diagnostics.find(({ code }) => code in NOTHING)?.code;
    if (nothing !== undefined) {
      throw new ExpectedError(
        `${dir} ${NOTHING[nothing] ?? ''}; ${command} init ${dir} writes one`,
      );
    }
    await requirePorts([...claims, ...(await listenerClaims(compiled))]);
    return compiled.outcome.ok;
  } finally {
    await compiled.ingest.close();
  }
}

const NOTHING: Readonly<Record<string, string>> = {
  SOURCE_MISSING: 'does not exist',
  SOURCE_INCOMPLETE: 'has no documents',
};

/** Envoys share a port silently, each with a part of the connections: nobody else may have it. */
async function listenerClaims({ ingest, outcome }: CompiledFolder): Promise<readonly PortClaim[]> {
  if (!outcome.ok || !outcome.value.views.includes('')) return [];
  const claims: PortClaim[] = [];
  for (const { key, json } of await ingest.render('', null)) {
    const address = key.type === 'Listener' ? addressOf(json) : null;
    if (address === null) continue;
    const resource = outcome.value.put.find((r) => r.type === key.type && r.name === key.name);
    const origins = (resource?.parts ?? []).flatMap((part) => part.origins).map(portOf);
    const [found] = (await ingest.locate(origins)).flatMap(({ span }) => span ?? []);
    const { address: host, port_value: port } = address;
    claims.push({ host, port, what: '', cure: portCure(found ?? null) });
  }
  return claims;
}

const portOf = ({ doc, pointer }: Origin): Origin => ({ doc, pointer: `${pointer}/port` });

const portCure = (span: Span | null): string =>
  `change \`port:\`${span === null ? '' : ` (${span.file}:${span.line})`}`;

const LISTENER = z.object({
  address: z.object({
    socket_address: z.object({ address: z.string(), port_value: z.number() }),
  }),
});

function addressOf(
  json: Rendered['json'],
): z.output<typeof LISTENER>['address']['socket_address'] | null {
  const parsed = LISTENER.safeParse(json);
  return parsed.success ? parsed.data.address.socket_address : null;
}
