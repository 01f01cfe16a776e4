import { formatProblem, newerCommands } from '../../model/index.ts';
import type { Json, Visit } from '../../schema/index.ts';
import { listOf, pointerTo } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';
import { refuse } from './refuse.ts';

/** Fields with texts that Envoy parses for commands, by message; in objects and lists too. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  'envoy.config.core.v3.HeaderValueOption': ['header'],
  'envoy.config.core.v3.SubstitutionFormatString': [
    'text_format',
    'text_format_source',
    'json_format',
  ],
  'envoy.extensions.access_loggers.file.v3.FileAccessLog': [
    'format',
    'json_format',
    'typed_json_format',
  ],
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig': [
    'body',
    'attributes',
  ],
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig': ['hostname'],
};

const SUBSTITUTION = 'envoy.config.core.v3.SubstitutionFormatString';

/** A command that some Envoy lacks is refused by it, with all that came in the same update. */
const format: InspectionRule = (visit, notes) => {
  for (const { text, pointer } of textsOf(visit)) {
    for (const { command, since } of newerCommands(text)) {
      addNeed(notes, { pointer, message: commandMessage(command, since), since });
    }
    // Headers are judged by what they are of; and formatters bring commands of their own.
    if (visit.message !== SUBSTITUTION || listOf(visit.get('formatters')).length > 0) continue;
    const problem = formatProblem(text);
    if (problem !== null) refuse(notes, pointer, problem, 'SCHEMA_HEADER_VALUE');
  }
};

export const commandMessage = (command: string, since: string): string =>
  `%${command}% exists since Envoy ${since}`;

/** Places of one command: an example is enough. */
const PLACES_MAX = 10;

function addNeed({ needs }: Notes, need: Notes['needs'][number]): void {
  const alike = needs.filter(({ message }) => message === need.message);
  if (alike.length < PLACES_MAX) needs.push(need);
}

interface PlacedText {
  readonly text: string;
  readonly pointer: string;
}

function textsOf(visit: Visit): readonly PlacedText[] {
  return (FORMATS[visit.message] ?? []).flatMap((field) => {
    const value = visit.get(field);
    return value === undefined ? [] : placedTexts(value, visit.at(field));
  });
}

/** Every text with a percent, with its pointer. */
export function placedTexts(value: Json, pointer: string): readonly PlacedText[] {
  const found: PlacedText[] = [];
  const open: (readonly [Json, string])[] = [[value, pointer]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [inner, at] = next;
    if (typeof inner === 'string' && inner.includes('%')) found.push({ text: inner, pointer: at });
    if (typeof inner !== 'object' || inner === null) continue;
    for (const [key, item] of Object.entries(inner)) open.push([item, pointerTo(at, key)]);
  }
  return found;
}

export const FORMAT_RULES: Readonly<Record<string, InspectionRule>> = Object.fromEntries(
  Object.keys(FORMATS).map((message) => [message, format]),
);
