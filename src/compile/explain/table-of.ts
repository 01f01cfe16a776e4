import type { Json } from '../../schema/index.ts';
import { fieldOf, listOf, numberOf, textOf } from '../inspect/json.ts';
import { listenerOfFormat, SHARD_HEADER, shardKey, shardOf } from '../lower/shard-key.ts';
import { headerOf, type Seen } from './asked.ts';
import type { Shown } from './entry.ts';

/** The route table of a manager: by RDS, by the scope of the request, or written in it. */
export function tableOf(resources: readonly Shown[], manager: Json, request: Seen): Shown | null {
  const inline = fieldOf(manager, 'route_config');
  if (inline !== undefined) return inlineTable(inline);
  const scoped = fieldOf(manager, 'scoped_routes');
  if (scoped !== undefined) {
    return scopedTable(resources, scoped, withShard(manager, request));
  }
  return named(resources, textOf(fieldOf(fieldOf(manager, 'rds'), 'route_config_name')));
}

const inlineTable = (json: Json): Shown => ({
  type: 'RouteConfiguration',
  name: textOf(fieldOf(json, 'name')),
  json,
  parts: [],
});

const named = (resources: readonly Shown[], wanted: string): Shown | null =>
  resources.find(({ type, name }) => type === 'RouteConfiguration' && name === wanted) ?? null;

/** The scope whose key is what the request says, piece by piece. */
function scopedTable(resources: readonly Shown[], scoped: Json, request: Seen): Shown | null {
  const builder = fieldOf(scoped, 'scope_key_builder');
  const wanted = listOf(fieldOf(builder, 'fragments')).map((one) => fragmentOf(one, request));
  if (wanted.includes(null)) return null;
  const written = fieldOf(scoped, 'scoped_route_configurations_list');
  const scopes =
    written === undefined
      ? resources.flatMap(({ type, json }) => (type === 'ScopedRouteConfiguration' ? [json] : []))
      : listOf(fieldOf(written, 'scoped_route_configurations'));
  const scope = scopes.find((one) => {
    const keys = listOf(fieldOf(fieldOf(one, 'key'), 'fragments'));
    const texts = keys.map((key) => textOf(fieldOf(key, 'string_key')));
    return JSON.stringify(texts) === JSON.stringify(wanted);
  });
  const inline = fieldOf(scope, 'route_configuration');
  if (inline !== undefined) return inlineTable(inline);
  return named(resources, textOf(fieldOf(scope, 'route_configuration_name')));
}

/** The header that a sharded listener writes first of all. */
function withShard(manager: Json, request: Seen): Seen {
  for (const one of listOf(fieldOf(manager, 'early_header_mutation_extensions'))) {
    for (const mutation of listOf(fieldOf(fieldOf(one, 'typed_config'), 'mutations'))) {
      const header = fieldOf(fieldOf(mutation, 'append'), 'header');
      if (textOf(fieldOf(header, 'key')) !== SHARD_HEADER) continue;
      const listener = listenerOfFormat(textOf(fieldOf(header, 'value')));
      if (listener === null) continue;
      const key = shardKey(listener, shardOf(request.host));
      return { ...request, headers: new Map(request.headers).set(SHARD_HEADER, [key]) };
    }
  }
  return request;
}

/** A header, or one element of it; null where the request has none. */
function fragmentOf(fragment: Json, request: Seen): string | null {
  const extractor = fieldOf(fragment, 'header_value_extractor');
  const value = headerOf(request, textOf(fieldOf(extractor, 'name')).toLowerCase());
  if (value === null) return null;
  const separator = textOf(fieldOf(extractor, 'element_separator'));
  const items = separator === '' ? [value] : value.split(separator);
  const element = fieldOf(extractor, 'element');
  if (element === undefined) return items[numberOf(fieldOf(extractor, 'index'))] ?? null;
  const between = textOf(fieldOf(element, 'separator'));
  const key = `${textOf(fieldOf(element, 'key'))}${between}`;
  return items.find((item) => item.startsWith(key))?.slice(key.length) ?? null;
}
