import { headerFormatProblem } from '../../model/index.ts';
import type { Visit } from '../../schema/index.ts';
import { fieldOf, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';
import { inlineBytes, refuse, secondsOf } from './refuse.ts';

const isRequestLine = (name: string): boolean =>
  name.startsWith(':') || name.toLowerCase() === 'host';

/** Envoy parses the values of headers, and lets nobody change the request line so. */
const headers: InspectionRule = (visit, notes) => {
  for (const field of ['request_headers_to_add', 'response_headers_to_add']) {
    for (const [index, option] of listOf(visit.get(field)).entries()) {
      const pointer = pointerTo(visit.at(field), index);
      const header = fieldOf(option, 'header');
      const name = textOf(fieldOf(header, 'key'));
      if (isRequestLine(name)) unchangeable(notes, pointer, name);
      const problem = headerFormatProblem(textOf(fieldOf(header, 'value')));
      if (problem !== null) refuse(notes, pointer, problem, 'SCHEMA_HEADER_VALUE');
    }
  }
  for (const field of ['request_headers_to_remove', 'response_headers_to_remove']) {
    for (const [index, name] of listOf(visit.get(field)).entries()) {
      const pointer = pointerTo(visit.at(field), index);
      if (isRequestLine(textOf(name))) unchangeable(notes, pointer, textOf(name));
    }
  }
};

const unchangeable = (notes: Notes, pointer: string, name: string): void =>
  refuse(notes, pointer, `the header "${name}" cannot be changed so; remove it`);

const WEIGHT_MAX = 2 ** 32 - 1;

const weights: InspectionRule = (visit, notes) => {
  const clusters = listOf(visit.get('clusters'));
  for (const [index, one] of clusters.entries()) {
    if (fieldOf(one, 'weight') !== undefined) continue;
    const words = `"${textOf(fieldOf(one, 'name'))}" has no weight; give it one`;
    refuse(notes, pointerTo(visit.at('clusters'), index), words);
    return;
  }
  const sum = clusters.reduce((total: number, one) => total + numberOf(fieldOf(one, 'weight')), 0);
  if (sum > 0 && sum <= WEIGHT_MAX) return;
  const words = sum === 0 ? 'sum to 0; give one a weight' : `sum to ${sum}; the limit is 2^32-1`;
  refuse(notes, visit.at('clusters'), `the weights ${words}`, 'WEIGHT_SUM');
};

const REWRITES = ['prefix_rewrite', 'regex_rewrite', 'path_rewrite_policy', 'path_rewrite'];

const rewrites: InspectionRule = (visit, notes) => {
  const [first, second] = REWRITES.filter((field) => !isAbsent(visit, field));
  if (first === undefined || second === undefined) return;
  refuse(notes, visit.at(second), `${first} and ${second} exclude each other; keep one`);
};

const isAbsent = (visit: Visit, field: string): boolean =>
  visit.get(field) === undefined || visit.get(field) === '';

/** Older ones refuse the table, with `vhds: only 'DELTA_GRPC' is supported`. */
const VHDS_SINCE = '1.39';

const vhds: InspectionRule = (visit, notes) => {
  const source = visit.get('config_source');
  if (fieldOf(source, 'api_config_source') !== undefined) return;
  const message = `vhds over ADS works since Envoy ${VHDS_SINCE}`;
  notes.needs.push({ pointer: visit.pointer, message, since: VHDS_SINCE });
};

const BODY_BYTES_MAX = 4096;

const table: InspectionRule = (visit, notes) => {
  headers(visit, notes);
  const limit = visit.get('max_direct_response_body_size_bytes');
  notes.bodyBytesMax = limit === undefined ? BODY_BYTES_MAX : numberOf(limit);
};

const directResponse: InspectionRule = (visit, notes) => {
  const size = inlineBytes(visit.get('body'))?.length ?? 0;
  const limit = notes.bodyBytesMax;
  if (limit === null || size <= limit) return;
  const words = `the body has ${size} bytes, more than ${limit}`;
  refuse(notes, visit.at('body'), `${words}; raise max_direct_response_body_size_bytes`);
};

const backOff: InspectionRule = (visit, notes) => {
  const base = secondsOf(visit.get('base_interval'));
  const max = secondsOf(visit.get('max_interval'));
  if (base === null || max === null || max >= base) return;
  refuse(notes, visit.at('max_interval'), 'max_interval is below base_interval; raise it');
};

/** What Envoy refuses of routes beyond the rules in its API: the whole table with it. */
export const ROUTE_LIMITS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.route.v3.RouteConfiguration': table,
  'envoy.config.route.v3.Vhds': vhds,
  'envoy.config.route.v3.VirtualHost': headers,
  'envoy.config.route.v3.Route': headers,
  'envoy.config.route.v3.WeightedCluster': weights,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': headers,
  'envoy.config.route.v3.RouteAction': rewrites,
  'envoy.config.route.v3.DirectResponseAction': directResponse,
  'envoy.config.route.v3.RetryPolicy.RetryBackOff': backOff,
  'envoy.config.core.v3.BackoffStrategy': backOff,
};
