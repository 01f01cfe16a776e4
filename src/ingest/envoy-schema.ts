import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { invariant } from '../base/index.ts';
import { openSchema, parseFacts, type Schema } from '../schema/index.ts';

/** Beside `src` and beside `dist`. */
const GENERATED = new URL('../../generated/', import.meta.url);
const FACTS = new URL('../../envoy/facts.json', import.meta.url);
const SET = /^envoy-(\d+)\.(\d+)\.(\d+)\.pb\.gz$/;

/** The API of the newest Envoy that helve was built with, and what older ones lack of it. */
export function loadSchema(): Schema {
  const { name, version } = newestSet();
  return openSchema(version, unpacked(name), parseFacts(readFileSync(FACTS, 'utf8')));
}

/** The FileDescriptorSet of that API. */
export const readDescriptors = (): Uint8Array => unpacked(newestSet().name);

function newestSet(): { readonly name: string; readonly version: string } {
  const sets = readdirSync(GENERATED).flatMap((name) => {
    const [, major, minor, patch] = SET.exec(name) ?? [];
    if (major === undefined || minor === undefined || patch === undefined) return [];
    const order = Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch);
    return [{ name, version: `${major}.${minor}.${patch}`, order }];
  });
  const newest = sets.sort((a, b) => b.order - a.order)[0];
  invariant(newest !== undefined, `${GENERATED.pathname} has no schema; run \`npm run generate\``);
  return newest;
}

const unpacked = (name: string): Uint8Array => gunzipSync(readFileSync(new URL(name, GENERATED)));
