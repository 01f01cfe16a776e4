import type { Origin } from '../../base/index.ts';
import { newerCommands, type HeadersPolicy, type RouteRule } from '../../model/index.ts';
import type { Json } from '../../schema/index.ts';
import type { EffectiveUse } from '../effective.ts';
import { commandMessage, placedTexts } from '../inspect/formats.ts';
import { pointerTo } from '../inspect/json.ts';
import type { CommandNeed } from '../lowered.ts';

/** Of the headers that a policy writes, each at the place that says it: places add up. */
export function headerNeeds(use: EffectiveUse): readonly CommandNeed[] {
  if (use.key !== 'headers' || use.value === null) return [];
  const { value } = use;
  const writers = use.writers ?? [{ value, origin: use.origin }];
  return DIRECTIONS.flatMap((direction) =>
    WAYS.flatMap((way) =>
      Object.entries(value[direction][way]).flatMap(([name, text]) => {
        const writer = writers.find((one) => name in one.value[direction][way]);
        const { doc, pointer } = writer?.origin ?? use.origin;
        return needsOf(text, { doc, pointer: pointerTo(pointer, direction, way, name) });
      }),
    ),
  );
}

const DIRECTIONS = ['request', 'response'] as const satisfies readonly (keyof HeadersPolicy)[];
const WAYS = ['set', 'add'] as const;

/** Of what a rule answers. */
export function answerNeeds(
  { action, pointer: rule }: RouteRule,
  doc: Origin['doc'],
): readonly CommandNeed[] {
  if (action.kind !== 'respond') return [];
  const { body, headers } = action.respond;
  const pointer = pointerTo(rule, 'respond', 'headers');
  const json = body.kind === 'json' ? needsOf(body.value, { doc, pointer: body.pointer }) : [];
  return [...needsOf(headers, { doc, pointer }), ...json];
}

const needsOf = (value: Json, { doc, pointer }: Origin): readonly CommandNeed[] =>
  placedTexts(value, pointer).flatMap((one) =>
    newerCommands(one.text).map(({ command, since }) => ({
      message: commandMessage(command, since),
      since,
      origin: { doc, pointer: one.pointer },
    })),
  );
