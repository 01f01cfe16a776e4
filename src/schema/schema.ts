import { invariant, LIMITS } from '../base/index.ts';
import { decodeMessage } from './decode.ts';
import { openDescriptorSet } from './descriptor-set.ts';
import { Encoding } from './encode.ts';
import { type Facts, indexFacts, NO_FACTS } from './facts.ts';
import { mergeLayers } from './merge.ts';
import { nearestType } from './nearest-type.ts';
import { Place } from './place.ts';
import type { Planner } from './plan.ts';
import { createPlanner } from './planner.ts';
import { newProfile, sinceOf } from './profile.ts';
import { ProblemList } from './problem-list.ts';
import { shortName } from './json.ts';
import type { Encoded, EncodeOptions, Json, Schema } from './types.ts';
import { WireWriter } from './wire-writer.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * The API of one Envoy version from its serialized FileDescriptorSet. Names are indexed at once;
 * each message is read when it is first used. `facts` tell what older Envoys lack of it; without
 * them every Envoy is taken to have it all.
 */
export function openSchema(
  version: string,
  descriptorSet: Uint8Array,
  facts: Facts = NO_FACTS,
): Schema {
  const known = indexFacts(facts);
  const planner = createPlanner(openDescriptorSet(descriptorSet), known);
  let spare: WireWriter | null = new WireWriter();
  return {
    version,
    hasMessage: (fullName) => planner.message(fullName) !== null,
    since: (message, field) => sinceOf(known, message, field ?? null),
    profileOf: (release) => newProfile(release, planner, known),
    encode(message, value, options = {}) {
      // A visitor may encode in turn, so the writer is taken, not shared.
      const writer = spare ?? new WireWriter();
      spare = null;
      const encoded = encodeWith(planner, writer, { message, value, options });
      writer.reset();
      spare = writer;
      return encoded;
    },
    merge(message, value, options) {
      const plan = planner.message(message);
      invariant(plan !== null, 'a merge into a message of no type');
      return mergeLayers(planner, plan, value, options);
    },
    decode(message, bytes, options = {}) {
      const plan = planner.message(message);
      if (plan === null) return null;
      try {
        return decodeMessage(plan, bytes, { planner, isRevealed: options.reveal === true });
      } catch (cause) {
        if (cause instanceof RangeError) return null;
        throw cause;
      }
    },
  };
}

interface Request {
  readonly message: string;
  readonly value: Json;
  readonly options: EncodeOptions;
}

function encodeWith(planner: Planner, writer: WireWriter, request: Request): Encoded {
  const { message, value, options } = request;
  const problems = new ProblemList(options.problemsMax ?? LIMITS.diagnosticsMax);
  const plan = planner.message(message);
  if (plan === null) {
    const near = nearestType(message, planner.messageNames());
    const advice = near === null ? 'use a type that it has' : `did you mean "${near}"?`;
    const words = `this Envoy does not know ${JSON.stringify(message)}; ${advice}`;
    problems.add('PROTO_TYPE', Place.root, words);
    return { bytes: NO_BYTES, problems: problems.finish(), needs: [] };
  }
  const onMessage = options.onMessage ?? null;
  const encoding = new Encoding({
    planner,
    problems,
    writer,
    onMessage,
    isChecking: options.isPart !== true,
  });
  encoding.message(plan, value, { place: Place.root, label: shortName(message), rule: null });
  if (writer.length > LIMITS.resourceBytesMax) {
    const max = String(LIMITS.resourceBytesMax);
    const words = `the resource has ${String(writer.length)} bytes; split it: ${max} is the limit`;
    problems.add('RESPONSE_TOO_LARGE', Place.root, words);
  }
  return {
    bytes: problems.hasError ? NO_BYTES : writer.finish(),
    problems: problems.finish(),
    needs: encoding.needs.finish(),
  };
}
