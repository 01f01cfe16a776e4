import type { NativeDocument } from '../../model/index.ts';
import { fileProblem } from '../material/file-problem.ts';
import { wallClock } from '../clock.ts';
import { isError, type Found } from '../found.ts';
import { lowerTrust, trustSecretName } from '../lower/secret.ts';
import {
  endsOf,
  hasEnded,
  isListMissing,
  listProblems,
  readTrust,
  trustMaterial,
  trustOf,
  type TrustBundle,
} from '../material/trust.ts';
import { emitLowered, refuse, tell, wholeOf, type KindCompiler, type KindContext } from './kind.ts';

/** Broken files fall back to the last good ones, and hold only their own name. */
export const trust: KindCompiler<'Trust'> = (context, document) => {
  const { graph, read, emit } = context;
  const { bundle, found } = bundleOf(context, document);
  const isBroken = found.some(isError);
  const last = isBroken ? read(graph.lastGood, `Trust/${document.name}`) : null;
  const kept = last === null ? null : trustOf(last);
  const isHeld = kept !== null;
  const current = isHeld ? better(context, bundle, kept) : isBroken ? null : bundle;
  tell(context, isHeld ? found.map((one) => ({ ...one, isMaterial: true })) : found);
  if (current === null) {
    refuse(context, { type: 'Secret', name: trustSecretName(document.name) });
    return;
  }
  const value = trustMaterial(document.name, current);
  emit(graph.materials, value.name, value);
  const onlyLeaf = document.value.crlDepth === 'leaf';
  if (!onlyLeaf && isListMissing(current)) tell(context, [listMissing(document)]);
  emitLowered(context, lowerTrust(document.name, { ...current, onlyLeaf }, wholeOf(document)));
};

/** Where lists of the last good files have ended too, the files as they are say who is revoked. */
function better(
  { graph, read }: KindContext,
  bundle: TrustBundle | null,
  kept: TrustBundle,
): TrustBundle {
  const now = wallClock(graph, read, endsOf(kept));
  return bundle !== null && hasEnded(kept, now) ? bundle : kept;
}

const listMissing = ({ id, name }: NativeDocument<'Trust'>): Found => ({
  code: 'CRL_INCOMPLETE',
  message:
    `trust "${name}": fewer revocation lists than CAs, and what a CA without one has issued ` +
    'is refused; add the missing ones, or write crlDepth: leaf',
  origin: { doc: id, pointer: '/crl' },
  related: [],
});

interface Read {
  /** Null where it cannot be read, or is of somebody else. */
  readonly bundle: TrustBundle | null;
  readonly found: readonly Found[];
}

function bundleOf(
  { graph, read }: KindContext,
  { id, name, value }: NativeDocument<'Trust'>,
): Read {
  const found: Found[] = [];
  const bytesOf = (field: 'ca' | 'crl', path: string): Uint8Array | null => {
    const file = read(graph.materialFiles, path);
    if (file?.kind === 'read') return file.bytes;
    found.push(fileProblem(file, path, { doc: id, pointer: `/${field}` }));
    return null;
  };
  const ca = bytesOf('ca', value.ca);
  const crl = value.crl === null ? null : bytesOf('crl', value.crl);
  if (ca === null || found.length > 0) return { bundle: null, found };
  const result = readTrust(ca, crl);
  const problems = result.ok
    ? listProblems(result.bundle, wallClock(graph, read, endsOf(result.bundle)))
    : result.problems;
  const isOther = problems.some(({ code, severity }) => code === 'CRL_ISSUER' && !severity);
  return {
    bundle: result.ok && !isOther ? result.bundle : null,
    found: problems.map(({ file, message, ...problem }) => ({
      ...problem,
      message: `trust "${name}": ${message}`,
      origin: { doc: id, pointer: `/${file}` },
      related: [],
    })),
  };
}
