import { ownValue } from './json.ts';
import type { Place } from './place.ts';
import type { MessagePlan } from './plan.ts';
import type { Json, JsonObject, Visit } from './types.ts';

/** A message as the caller of the walk sees it; pointers are spelled when they are asked for. */
export class MessageVisit implements Visit {
  readonly value: JsonObject;
  readonly #plan: MessagePlan;
  readonly #place: Place;

  constructor(plan: MessagePlan, value: JsonObject, place: Place) {
    this.value = value;
    this.#plan = plan;
    this.#place = place;
  }

  get message(): string {
    return this.#plan.name;
  }

  get pointer(): string {
    return this.#place.pointer;
  }

  get sensitive(): readonly string[] {
    return this.#plan.sensitive;
  }

  get(field: string): Json | undefined {
    const plan = this.#plan.byKey.get(field);
    const given = ownValue(this.value, field) ?? ownValue(this.value, plan?.jsonName ?? field);
    if (given === null) return undefined;
    if (typeof given !== 'number' || plan?.kind !== 'enum') return given;
    return plan.enumeration().byNumber.get(given) ?? given;
  }

  at(field: string): string {
    const jsonName = this.#jsonName(field);
    const isJsonName = !Object.hasOwn(this.value, field) && Object.hasOwn(this.value, jsonName);
    return this.#place.child(isJsonName ? jsonName : field).pointer;
  }

  #jsonName(field: string): string {
    return this.#plan.byKey.get(field)?.jsonName ?? field;
  }
}
