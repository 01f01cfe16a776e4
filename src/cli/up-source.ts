import { resolve } from 'node:path';
import { z } from 'zod';
import { ExpectedError, type Origin, type Span } from '../base/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { compileFolder, type CompiledFolder } from './compile-folder.ts';
import { isPortInUse } from './port-in-use.ts';

export interface UpSource {
  /** As the user typed it. */
  readonly dir: string;
  readonly cwd: string;
  readonly allowPath: readonly string[];
  /** How the user calls helve. */
  readonly command: string;
}

/**
 * What a first look should not have to wait for: a folder that is not there, or has no documents,
 * and ports that are taken. Returns false where there are errors, so that ports are unknown yet.
 */
export async function checkSource({ dir, cwd, allowPath, command }: UpSource): Promise<boolean> {
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
    const taken = await portsInUse(compiled);
    if (taken.length > 0) throw new ExpectedError(taken.join('\n'));
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
async function portsInUse({ ingest, outcome }: CompiledFolder): Promise<readonly string[]> {
  if (!outcome.ok || !outcome.value.views.includes('')) return [];
  const told: string[] = [];
  for (const { key, json } of await ingest.render('', null)) {
    const address = key.type === 'Listener' ? addressOf(json) : null;
    if (address === null || !(await isPortInUse(address.address, address.port_value))) continue;
    const resource = outcome.value.put.find((r) => r.type === key.type && r.name === key.name);
    const origins = (resource?.parts ?? []).flatMap((part) => part.origins).map(portOf);
    const [found] = (await ingest.locate(origins)).flatMap(({ span }) => span ?? []);
    told.push(portInUseText(`${address.address}:${address.port_value}`, found ?? null));
  }
  return told;
}

const portOf = ({ doc, pointer }: Origin): Origin => ({ doc, pointer: `${pointer}/port` });

function portInUseText(address: string, span: Span | null): string {
  const where = span === null ? '' : ` (${span.file}:${span.line})`;
  return `${address} is in use; change \`port:\`${where}`;
}

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
