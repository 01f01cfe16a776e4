import { compareText } from '../base/index.ts';
import type { Changes, Facts, Names, NamesBy } from './facts.ts';
import { compareReleases, releaseOf } from './release.ts';

/** What one Envoy's API has that another's has not. */
export interface Difference {
  /** Pinned versions: `1.36.4`. */
  readonly from: string;
  readonly to: string;
  readonly added: Names;
  readonly removed: Names;
  readonly deprecated: Changes['deprecated'];
  /** Fields by message whose validation rule is another one. */
  readonly rules: NamesBy;
}

/** All changes from one pinned Envoy to a newer one; each is given by version or release. */
export function factsBetween(facts: Facts, from: string, to: string): Difference | null {
  const [older, newer] = [pinnedOf(facts, from), pinnedOf(facts, to)];
  if (older === null || newer === null || compareReleases(older, newer) > 0) return null;
  const steps = Object.entries(facts.changes)
    .filter(([release]) => compareReleases(release, older) > 0)
    .filter(([release]) => compareReleases(release, newer) <= 0)
    .sort(([a], [b]) => compareReleases(a, b))
    .map(([, changes]) => changes);
  const added = joinNames(steps.map((step) => step.added));
  const removed = joinNames(steps.map((step) => step.removed));
  const isNew = ofNew(added);
  return {
    from: older,
    to: newer,
    // What came and went in between is neither.
    added: without(added, removed),
    removed: without(removed, added),
    deprecated: {
      fields: filterBy(joinBy(steps.map((step) => step.deprecated.fields)), isNew.field),
      values: filterBy(joinBy(steps.map((step) => step.deprecated.values)), isNew.value),
    },
    rules: filterBy(joinBy(steps.map(rulesOf)), isNew.field),
  };
}

const pinnedOf = (facts: Facts, given: string): string | null =>
  facts.versions.find((version) => version === given || releaseOf(version) === given) ?? null;

const rulesOf = ({ rules }: Changes): NamesBy =>
  Object.fromEntries(
    Object.entries(rules).map(([message, byField]) => [message, Object.keys(byField)]),
  );

const joinNames = (all: readonly Names[]): Names => ({
  messages: sortedOnce(all.flatMap(({ messages }) => messages)),
  fields: joinBy(all.map(({ fields }) => fields)),
  values: joinBy(all.map(({ values }) => values)),
});

function joinBy(all: readonly NamesBy[]): NamesBy {
  const owners = sortedOnce(all.flatMap((names) => Object.keys(names)));
  return Object.fromEntries(
    owners.map((owner) => [owner, sortedOnce(all.flatMap((names) => names[owner] ?? []))]),
  );
}

const sortedOnce = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].sort(compareText);

type IsNew = (owner: string, member: string) => boolean;

/** Whether a member came along with what was added; then nothing else about it is news. */
function ofNew(added: Names): { readonly field: IsNew; readonly value: IsNew } {
  const messages = new Set(added.messages);
  const isIn = (names: NamesBy, owner: string, member: string): boolean =>
    names[owner]?.includes(member) === true;
  return {
    field: (owner, member) => messages.has(owner) || isIn(added.fields, owner, member),
    value: (owner, member) => isIn(added.values, owner, member),
  };
}

function without(names: Names, others: Names): Names {
  const messages = new Set(others.messages);
  const own = new Set(names.messages);
  return {
    messages: names.messages.filter((name) => !messages.has(name)),
    fields: filterBy(
      names.fields,
      (owner, member) => own.has(owner) || others.fields[owner]?.includes(member) === true,
    ),
    values: filterBy(
      names.values,
      (owner, member) => others.values[owner]?.includes(member) === true,
    ),
  };
}

/** Without what `isLeftOut`. */
function filterBy(names: NamesBy, isLeftOut: IsNew): NamesBy {
  const kept = Object.entries(names).map(([owner, members]) => {
    return [owner, members.filter((member) => !isLeftOut(owner, member))] as const;
  });
  return Object.fromEntries(kept.filter(([, members]) => members.length > 0));
}
