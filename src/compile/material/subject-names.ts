import type { X509Certificate } from 'node:crypto';
import { compareText } from '../../base/index.ts';

export interface SubjectNames {
  /** Lower-case, sorted, unique; only those that can be a server name. */
  readonly dnsNames: readonly string[];
  readonly ipNames: readonly string[];
}

/**
 * The names that a certificate is for. Node quotes an entry that holds a character with a meaning
 * in its list; such an entry is no name of a host, and is left out.
 */
export function subjectNames(certificate: X509Certificate): SubjectNames {
  const entries = splitEntries(certificate.subjectAltName ?? '');
  return {
    dnsNames: namesOf(entries, 'DNS:').filter((name) => SERVER_NAME.test(name)),
    ipNames: namesOf(entries, 'IP Address:'),
  };
}

/** `name` or `*.suffix`, as Envoy takes it for a server name. */
const SERVER_NAME =
  /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

const namesOf = (entries: readonly string[], label: string): readonly string[] => {
  const names = entries
    .filter((entry) => entry.startsWith(label))
    .map((entry) => entry.slice(label.length).toLowerCase());
  return [...new Set(names)].sort(compareText);
};

/** Splits `DNS:a, DNS:"b, c"` at the commas outside of quotes. */
const splitEntries = (text: string): readonly string[] =>
  [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^",]|,(?! ))+/g)].map(([entry]) => entry.trim());
