import { invariant } from '../base/index.ts';
import { compareReleases } from './release.ts';

/** Full names of messages; fields by message, values by enum. Sorted. */
export interface Names {
  readonly messages: readonly string[];
  readonly fields: NamesBy;
  readonly values: NamesBy;
}

export type NamesBy = Readonly<Record<string, readonly string[]>>;

/** What one pinned Envoy changed in its API, as against the pinned one before it. */
export interface Changes {
  /** Fields and values of messages and enums that are new themselves are not listed. */
  readonly added: Names;
  readonly removed: Names;
  readonly deprecated: Omit<Names, 'messages'>;
  /**
   * Message → field → its validation rule of before (base64 of `validate.FieldRules`), where it is
   * another one now; '' where it had none.
   */
  readonly rules: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How the pinned Envoys differ. Written by `npm run facts`, kept in `envoy/facts.json`. */
export interface Facts {
  /** Oldest first: `1.36.4`. */
  readonly versions: readonly string[];
  /** By release: `1.39`. */
  readonly changes: Readonly<Record<string, Changes>>;
}

export const NO_FACTS: Facts = Object.freeze({ versions: [], changes: {} });

/** Reads `envoy/facts.json`, which a script wrote. */
export function parseFacts(text: string): Facts {
  const value: unknown = JSON.parse(text);
  invariant(isFacts(value), 'envoy/facts.json is damaged; install helve again');
  return value;
}

const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && 'versions' in value && 'changes' in value;

/** A rule that Envoys before `since` have for a field. */
export interface EarlierRule {
  readonly since: string;
  /** Serialized `validate.FieldRules`. */
  readonly rule: Uint8Array;
}

/** The releases that brought things; null for what every pinned Envoy knows. */
export interface Since {
  message(name: string): string | null;
  field(message: string, field: string): string | null;
  value(enumeration: string, value: string): string | null;
  earlierRules(message: string, field: string): readonly EarlierRule[];
}

export function indexFacts(facts: Facts): Since {
  const messages = new Map<string, string>();
  const fields = new Map<string, string>();
  const values = new Map<string, string>();
  const rules = new Map<string, EarlierRule[]>();
  for (const release of Object.keys(facts.changes).sort(compareReleases)) {
    const changes = facts.changes[release];
    if (changes === undefined) continue;
    for (const name of changes.added.messages) messages.set(name, release);
    note(fields, changes.added.fields, release);
    note(values, changes.added.values, release);
    for (const [message, byField] of Object.entries(changes.rules)) {
      for (const [field, text] of Object.entries(byField)) {
        if (text === '') continue;
        const known = rules.get(`${message}.${field}`) ?? [];
        const rule = new Uint8Array(Buffer.from(text, 'base64'));
        rules.set(`${message}.${field}`, [...known, { since: release, rule }]);
      }
    }
  }
  return {
    message: (name) => messages.get(name) ?? null,
    field: (message, field) => fields.get(`${message}.${field}`) ?? null,
    value: (enumeration, value) => values.get(`${enumeration}.${value}`) ?? null,
    earlierRules: (message, field) => rules.get(`${message}.${field}`) ?? NO_RULES,
  };
}

const NO_RULES: readonly EarlierRule[] = Object.freeze([]);

function note(found: Map<string, string>, names: NamesBy, release: string): void {
  for (const [owner, members] of Object.entries(names)) {
    for (const member of members) found.set(`${owner}.${member}`, release);
  }
}
