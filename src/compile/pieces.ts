import { hashBytes, type Hash, type MaterialValue, type Origin } from '../base/index.ts';
import type { NativeDocument, RouteRule } from '../model/index.ts';
import { isRegexCode } from '../schema/index.ts';
import type { Read, Table } from './cell.ts';
import { asksForClaims, forgeableHeaders } from './claim-groups.ts';
import { draftRefs, placed, type Draft, type DraftRef } from './draft.ts';
import type { Effective } from './effective.ts';
import type { PlacedNeed } from './floors.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { inspect } from './inspect/inspect.ts';
import { newNotes, type Notes } from './inspect/notes.ts';
import { answerFile } from './lower/respond.ts';
import { regexFindings } from './lower/route-match.ts';
import { lowerRule, ruleSubject } from './lower/route.ts';
import type { RankedRule } from './lower/rule-order.ts';
import { placeOf, type Lowered, type LoweredRule } from './lowered.ts';
import { filesIn, judged } from './patched-walk.ts';
import { patchesOfRule, patchMessage, type Patched, type PatchLayer } from './patches.ts';
import { policiesIn, policiesOfRule, splitContext, type PolicyRules } from './policy-rules.ts';
import {
  inGroup,
  spellPolicies,
  type SpelledPolicies,
  type SpellingContext,
} from './rule-policies.ts';
import type { SlotEntry } from './slots.ts';

/** One encoded form of a rule. */
export interface Piece {
  readonly key: string;
  readonly form: string;
  /** The others say again what the first one does, but for their match. */
  readonly isFirst: boolean;
  readonly hash: Hash;
  readonly bytes: Uint8Array;
  readonly origin: Origin;
  /** Of patches that are laid over it. */
  readonly patches: readonly Origin[];
  readonly refs: readonly DraftRef[];
  readonly perRoute: Draft['perRoute'];
  readonly clusters: readonly Lowered[];
  readonly entries: readonly SlotEntry[];
  /** Of policies that read files. */
  readonly materials: readonly MaterialValue[];
  readonly found: readonly Found[];
  readonly needs: readonly PlacedNeed[];
}

export interface RoutePieces {
  readonly pieces: readonly Piece[];
  /** The routes of each form of a rule, in their order: see `LoweredRule`. */
  readonly byForm: ReadonlyMap<string, readonly Piece[]>;
}

const NO_PIECES: RoutePieces = Object.freeze({ pieces: [], byForm: new Map() });

/** Encoded rules of Route documents, by context and name: see `contextKey`. */
export function newPieces(graph: Graph, policies: PolicyRules): Table<RoutePieces> {
  return graph.cells.rule(
    (key, read) => {
      const { context: listener, route } = splitContext(key);
      const document = read(graph.documents, `Route/${route}`)[0];
      if (document?.kind !== 'Route') return NO_PIECES;
      const { effective } = read(policies.ofRoute, key);
      const all = spelledRules(graph, read, { document, effective, listener }).flatMap(
        ({ rule, spelled, found }): readonly Piece[] => {
          const answer = answerFile(rule, document.id, filesOf(graph, read));
          const lowered = lowerRule(document, rule, spelled, answer.bytes);
          // A rule that is closed for lack of a policy stays closed.
          const patches = spelled.isClosed
            ? []
            : patchesOfRule(graph, read, { document: route, rule: rule.name });
          const ofRule = [...found, ...spelled.findings, ...answer.findings];
          const encoded = lowered.map((one) => encodePiece(graph, one, patches));
          // Looked for only where it matters: most expressions are good.
          const isJudged =
            encoded.some((piece) => piece.found.some(isOfRegex)) &&
            (spelled.findings.some(isOfRegex) ||
              regexFindings(rule, document.id, ruleSubject(document.name, rule.name)).length > 0);
          return encoded.map((piece, index) => ({
            ...formOf(piece, { isFirst: index === 0, isJudged, found: ofRule }),
            materials: [...spelled.materials, ...answer.materials],
          }));
        },
      );
      return { pieces: all, byForm: formsOf(all) };
    },
    (a, b) =>
      a.pieces.length === b.pieces.length &&
      a.pieces.every((piece, index) => isSamePiece(piece, b.pieces[index])),
  );
}

interface SpelledRule {
  readonly rule: RouteRule;
  readonly spelled: SpelledPolicies;
  readonly found: readonly Found[];
}

interface RulesAt {
  readonly document: NativeDocument<'Route'>;
  readonly effective: Effective;
  readonly listener: string;
}

/** The rules of a document with their policies: those behind `jwt` as a group, if claims choose. */
function spelledRules(
  graph: Graph,
  read: Read,
  { document, effective, listener }: RulesAt,
): readonly SpelledRule[] {
  const isGroup = asksForClaims(document);
  const all = document.value.rules.map((rule) => {
    const subject = ruleSubject(document.name, rule.name);
    const own = policiesOfRule(policiesIn(graph, read), effective, { document, rule, subject });
    const providers = own.policies.route.jwt?.value ?? null;
    const isGrouped = isGroup && providers !== null;
    const files = filesOf(graph, read);
    const spelled = spellPolicies(own.policies, { listener, subject, isGrouped, ...files });
    const unread = isGroup && providers === null ? unreadClaims(document, rule) : [];
    const forgeable =
      isGroup || providers === null ? [] : forgeableHeaders(document, rule, providers);
    return { rule, isGrouped, spelled, found: [...own.found, ...unread, ...forgeable] };
  });
  if (!isGroup) return all;
  const grouped = all.filter((one) => one.isGrouped);
  const slots = new Set(grouped.flatMap(({ spelled }) => [...spelled.slots]));
  return all.map((one) => (one.isGrouped ? { ...one, spelled: inGroup(one.spelled, slots) } : one));
}

/** Without a verified token nobody has claims: nobody would get there. */
const unreadClaims = (document: NativeDocument<'Route'>, rule: RouteRule): readonly Found[] =>
  rule.matches.flatMap(({ conditions }): readonly Found[] => {
    const [claim] = conditions.claims;
    if (claim === undefined) return [];
    const subject = ruleSubject(document.name, rule.name);
    const message = `${subject}: match.jwt asks for claims that no jwt verifies here; add jwt`;
    const origin = { doc: document.id, pointer: claim.pointer };
    return [{ code: 'POLICY_NEEDS', message, origin, related: [] }];
  });

/** What the policies of rules read of files. */
export const filesOf = (graph: Graph, read: Read): Pick<SpellingContext, 'file' | 'lastGood'> => ({
  file: (path) => read(graph.materialFiles, path),
  lastGood: (name) => read(graph.lastGood, name),
});

function formsOf(all: readonly Piece[]): ReadonlyMap<string, readonly Piece[]> {
  const forms = new Map<string, readonly Piece[]>();
  for (const piece of all) forms.set(piece.form, [...(forms.get(piece.form) ?? []), piece]);
  return forms;
}

interface Form {
  readonly isFirst: boolean;
  /** Expressions as they were written have findings of their own: see `regexFindings`. */
  readonly isJudged: boolean;
  /** Of the whole rule. */
  readonly found: readonly Found[];
}

function formOf(piece: Piece, { isFirst, isJudged, found }: Form): Piece {
  // What is made of expressions may be refused where what was written would not be.
  const own = piece.found.filter(
    (one) => !isJudged || !isOfRegex(one) || one.origin !== piece.origin,
  );
  return { ...piece, isFirst, found: isFirst ? [...own, ...found] : [] };
}

const isOfRegex = ({ code }: Pick<Found, 'code'>): boolean => isRegexCode(code);

/** Rules of Route documents as they rank, by name: edits of what they do change nothing here. */
export function newRanks(graph: Graph): Table<readonly RankedRule[]> {
  return graph.cells.rule(
    (name, read) => {
      const document = read(graph.documents, `Route/${name}`)[0];
      if (document?.kind !== 'Route') return [];
      return document.value.rules.flatMap((rule) =>
        rule.matches.map((match, index) => ({
          document: name,
          rule,
          match,
          index,
          level: 0,
          isCatchAll: false,
        })),
      );
    },
    (a, b) => rankText(a) === rankText(b),
  );
}

const rankText = (rules: readonly RankedRule[]): string =>
  JSON.stringify(rules.map(({ rule, match }) => [rule.name, match, rule.priority, rule.pointer]));

const ROUTE = 'envoy.config.route.v3.Route';

export function encodePiece(
  graph: Graph,
  lowered: LoweredRule,
  patches: readonly PatchLayer[] = [],
): Piece {
  const { key, subject, form, origin, clusters, entries } = lowered;
  const patched =
    patches.length === 0
      ? null
      : patchMessage(graph, patches, { message: ROUTE, value: lowered.value });
  const originAt = (pointer: string): Origin => patched?.placeOf(pointer) ?? origin;
  const notes = newNotes(subject, key);
  const { bytes, problems, needs } = graph.schema.encode(ROUTE, patched?.value ?? lowered.value, {
    onMessage: (visit) => inspect(visit, notes),
  });
  const found = problems.map(({ code, message, pointer, isKey = false }): Found => {
    const place = originAt(pointer);
    return { code, message, origin: place, related: [], ...(place === origin ? {} : { isKey }) };
  });
  return {
    key,
    form,
    isFirst: true,
    hash: hashBytes(bytes),
    bytes,
    origin,
    patches: patched?.parts.map((part) => part.origin) ?? [],
    refs: draftRefs({ references: lowered.references, originAt }, notes),
    perRoute: notes.perRoute.map(({ pointer, ...use }) => ({ ...use, origin: originAt(pointer) })),
    clusters,
    entries,
    materials: [],
    found:
      patched === null
        ? found.filter(({ code }) => code !== 'ENVOY_UNSTABLE')
        : [...judged(found, patched), ...patchFindings(patched, notes)],
    needs: [
      ...placed(
        needs,
        subject,
        (pointer) => patched?.placeOf(pointer) ?? placeOf(lowered, pointer),
      ),
      ...lowered.needs.map((need) => ({ ...need, subject })),
      ...(patched === null ? [] : patchNeeds(patched, notes)),
    ],
  };
}

/** What a patch itself has wrong; the rest is judged where it was written. */
function patchFindings(patched: Patched, notes: Notes): readonly Found[] {
  const noted = notes.notes.flatMap(({ code, message, pointer, severity }): readonly Found[] => {
    const origin = patched.placeOf(pointer);
    if (origin === null) return [];
    return [
      { code, message, origin, related: [], ...(severity === undefined ? {} : { severity }) },
    ];
  });
  return [...patched.found, ...judged(noted, patched), ...filesIn(notes, patched)];
}

/** Commands that a patch itself writes. */
const patchNeeds = (patched: Patched, { needs, subject }: Notes): readonly PlacedNeed[] =>
  needs.flatMap(({ pointer, ...need }): readonly PlacedNeed[] => {
    const origin = patched.placeOf(pointer);
    return origin === null ? [] : [{ ...need, subject, origin }];
  });

export const isSamePiece = (a: Piece, b: Piece | undefined): boolean =>
  a.key === b?.key &&
  a.hash === b.hash &&
  a.origin.doc === b.origin.doc &&
  a.origin.pointer === b.origin.pointer &&
  JSON.stringify(a.patches) === JSON.stringify(b.patches) &&
  JSON.stringify(a.refs) === JSON.stringify(b.refs) &&
  JSON.stringify(a.entries) === JSON.stringify(b.entries) &&
  JSON.stringify(a.needs) === JSON.stringify(b.needs) &&
  sameMaterials(a) === sameMaterials(b) &&
  JSON.stringify(a.found) === JSON.stringify(b.found);

const sameMaterials = ({ materials }: Piece): string =>
  JSON.stringify(materials.map(({ name, hash }) => [name, hash]));
