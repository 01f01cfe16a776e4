import { boolOption, hasFlag, type MessageDescriptor } from './descriptor.ts';
import type { DescriptorSet } from './descriptor-set.ts';
import { shortName } from './json.ts';
import {
  FIELD_DEPRECATED_OPTION,
  FIELD_DISALLOWED_OPTION,
  STATUS_OPTION,
  WORK_IN_PROGRESS,
} from './options.ts';
import type { Place } from './place.ts';
import type { FieldPlan, MessagePlan, MessageStatus } from './plan.ts';
import type { ProblemList } from './problem-list.ts';

const FILTERS = 'envoy.extensions.filters';

/**
 * Filters that Envoy's documentation calls alpha; unlike work in progress, nothing in the binary
 * says so. A package each.
 */
export const ALPHA_PACKAGES: ReadonlySet<string> = new Set(
  [
    'http.alternate_protocols_cache',
    'http.basic_auth',
    'http.cdn_loop',
    'http.credential_injector',
    'http.gcp_authn',
    'http.grpc_field_extraction',
    'http.grpc_http1_reverse_bridge',
    'http.grpc_json_reverse_transcoder',
    'http.header_mutation',
    'http.json_to_metadata',
    'http.original_src',
    'http.proto_api_scrubber',
    'http.tap',
    'http.thrift_to_metadata',
    'http.transform',
    'http.wasm',
    'listener.original_src',
    'network.dubbo_proxy',
    'network.sni_dynamic_forward_proxy',
    'network.wasm',
    'network.zookeeper_proxy',
  ].map((name) => `${FILTERS}.${name}.v3`),
);

/** What the binary says of a message and its file, else what is known of its package. */
export function statusOf(set: DescriptorSet, { name, options }: MessageDescriptor): MessageStatus {
  // What all of xDS shares is marked so for its own sake, and Envoy's stable parts are made of it.
  if (!name.startsWith('envoy.')) return 'stable';
  if (set.isInUnfinishedFile(name)) return 'unfinished';
  if (hasFlag(options, STATUS_OPTION, WORK_IN_PROGRESS)) return 'unfinished';
  const [, inPackage = ''] = /^(.*\.v3)\./.exec(name) ?? [];
  return ALPHA_PACKAGES.has(inPackage) ? 'alpha' : 'stable';
}

/** What the options of a field say. */
export function fieldStatus(options: Uint8Array): FieldPlan['status'] {
  if (boolOption(options, FIELD_DISALLOWED_OPTION) === true) return 'disallowed';
  if (boolOption(options, FIELD_DEPRECATED_OPTION) === true) return 'deprecated';
  return hasFlag(options, STATUS_OPTION, WORK_IN_PROGRESS) ? 'unfinished' : null;
}

const WORDS: Readonly<Record<Exclude<MessageStatus, 'stable'>, string>> = {
  alpha: 'alpha in Envoy: it may change, and has seen little production',
  unfinished: 'work in progress in Envoy: it may change, and gets no security fixes',
};

const HELP = 'use what is stable where you can';

/** A message that Envoy's authors do not stand by. */
export function reportStatus(problems: ProblemList, plan: MessagePlan, place: Place): void {
  if (plan.status === 'stable') return;
  const words = `${shortName(plan.name)} is ${WORDS[plan.status]}; ${HELP}`;
  problems.add('ENVOY_UNSTABLE', place, words);
}

/** A field that is deprecated, or that Envoy's authors do not stand by. */
export function reportFieldStatus(
  problems: ProblemList,
  plan: MessagePlan,
  { name, status }: FieldPlan,
  place: Place,
): void {
  const what = `"${name}" of ${shortName(plan.name)} is`;
  if (status === 'disallowed') {
    const words = `${what} deprecated and Envoy refuses it; use its successor`;
    problems.addAtKey('PROTO_INVALID', place, words);
  } else if (status === 'deprecated') {
    problems.addAtKey('ENVOY_DEPRECATED', place, `${what} deprecated; use its successor`);
  } else {
    problems.addAtKey('ENVOY_UNSTABLE', place, `${what} ${WORDS.unfinished}; ${HELP}`);
  }
}
