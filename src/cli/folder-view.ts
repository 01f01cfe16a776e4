import { ExpectedError } from '../base/index.ts';
import type { ExplainInput } from '../compile/index.ts';
import { folderSources } from '../model/index.ts';
import type { CompiledFolder } from './compile-folder.ts';

/** What a node of a group gets of a compiled folder, with the documents that it came from. */
export async function folderView(
  { ingest, outcome }: CompiledFolder,
  group: string,
): Promise<ExplainInput> {
  if (!outcome.ok) throw new ExpectedError('the folder does not compile');
  const { put, sources, views } = outcome.value;
  const view = views.find((name) => name === group);
  if (view === undefined) throw new ExpectedError(unknownGroup(group, views));
  const partsOf = new Map(put.map(({ type, name, parts }) => [`${type}/${name}`, parts]));
  const rendered = await ingest.render(view, null);
  const resources = rendered.map(({ key, json }) => ({
    ...key,
    json: isJson(json) ? json : null,
    parts: partsOf.get(`${key.type}/${key.name}`) ?? [],
  }));
  return { resources, ...folderSources(sources.put) };
}

/** What to say of a group that is none of the views. */
export function unknownGroup(group: string, views: readonly string[]): string {
  const others = views.filter((view) => view !== '');
  const known = others.length === 0 ? 'there are none' : `there are ${others.join(', ')}`;
  return `there is no NodeGroup "${group}"; ${known}`;
}

type Json = ExplainInput['resources'][number]['json'];

/** What is rendered is ProtoJSON. */
const isJson = (value: unknown): value is Json => value !== undefined;
