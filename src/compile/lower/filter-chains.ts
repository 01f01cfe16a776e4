import { compareText } from '../../base/index.ts';
import type { CertificateFacts } from '../material/pair.ts';

/** Certificates that share one filter chain. Their names are equal sets. */
export interface ChainPlan {
  /** Names of Certificate documents, sorted: one, or an RSA and an ECDSA one of equal names. */
  readonly certificates: readonly string[];
  /** Sorted. Empty: handshakes that no other chain takes. */
  readonly serverNames: readonly string[];
}

export interface ChainPlans {
  readonly chains: readonly ChainPlan[];
  readonly conflicts: readonly NameConflict[];
  /** Certificates that no handshake could ever ask for. */
  readonly nameless: readonly string[];
}

/** Two certificates of one listener that cover one name. */
interface NameConflict {
  readonly name: string;
  readonly first: string;
  readonly second: string;
}

/**
 * One filter chain for each certificate, so that a changed one leaves the connections of the others
 * alone; its server names are the certificate's DNS names. The default certificate takes what is
 * left, and for that needs no names: only those that another one's wildcard would take from it get
 * a chain that says them. `others` are server names of chains that have no certificate here. Sorted
 * by certificate.
 */
export function planChains(
  certificates: ReadonlyMap<string, CertificateFacts>,
  defaultCertificate: string | null,
  others: readonly string[] = [],
): ChainPlans {
  const { groups, conflicts } = groupByNames(certificates);
  const named = groups.filter(({ certificates: c }) => !isDefault(c, defaultCertificate));
  const rest = groups.filter(({ certificates: c }) => isDefault(c, defaultCertificate));
  const claimed = [...named.flatMap((group) => group.serverNames), ...others];
  const wildcards = claimed.filter((name) => name.startsWith('*.'));
  const contested = rest
    .map((group) => ({
      ...group,
      serverNames: group.serverNames.filter((n) => isCovered(n, wildcards)),
    }))
    .filter((group) => group.serverNames.length > 0);
  const catchAll = rest.map((group) => ({ ...group, serverNames: [] }));
  return {
    chains: [...named.filter((c) => c.serverNames.length > 0), ...contested, ...catchAll],
    conflicts,
    nameless: [...certificates]
      .filter(([name, { dnsNames }]) => dnsNames.length === 0 && name !== defaultCertificate)
      .map(([name]) => name)
      .sort(compareText),
  };
}

const isDefault = (names: readonly string[], wanted: string | null): boolean =>
  wanted !== null && names.includes(wanted);

interface Groups {
  readonly groups: readonly ChainPlan[];
  readonly conflicts: readonly NameConflict[];
}

function groupByNames(certificates: ReadonlyMap<string, CertificateFacts>): Groups {
  const groups: { certificates: string[]; serverNames: readonly string[]; types: Set<string> }[] =
    [];
  const owners = new Map<string, string>();
  const conflicts: NameConflict[] = [];
  for (const [name, facts] of [...certificates].sort(([a], [b]) => compareText(a, b))) {
    const { dnsNames, keyType } = facts;
    const twin = groups.find(
      (group) => !group.types.has(keyType) && isEqual(group.serverNames, dnsNames),
    );
    if (twin !== undefined && dnsNames.length > 0) {
      twin.certificates.push(name);
      twin.types.add(keyType);
      continue;
    }
    const taken = dnsNames.filter((dnsName) => owners.has(dnsName));
    for (const dnsName of taken) {
      conflicts.push({ name: dnsName, first: owners.get(dnsName) ?? name, second: name });
    }
    // A name that two claim stays with the first: one finding for it is enough.
    const serverNames = dnsNames.filter((dnsName) => !owners.has(dnsName));
    groups.push({ certificates: [name], serverNames, types: new Set([keyType]) });
    for (const dnsName of serverNames) owners.set(dnsName, name);
  }
  return { groups: groups.map(({ types: _, ...group }) => group), conflicts };
}

const isEqual = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => name === b[index]);

/** Envoy's wildcards match any depth. */
const isCovered = (name: string, wildcards: readonly string[]): boolean =>
  wildcards.some((wildcard) => name !== wildcard && name.endsWith(wildcard.slice(1)));
