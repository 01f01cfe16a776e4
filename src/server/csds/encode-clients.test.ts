import { expect, test } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { NOBODY, type Resource } from '../../snapshot/index.ts';
import { cluster } from '../../../test/support/registry-rig.ts';
import type { NodeStatus } from '../registry/node-view.ts';
import { encodeClients } from './encode-clients.ts';

const statusOf = (id: string, resource: Resource): NodeStatus => ({
  node: { ...NOBODY, id },
  resources: () => [
    {
      ...{ type: resource.type, name: resource.name, version: resource.version, resource },
      ...{ status: 'synced', rejection: null },
    },
  ],
});

test('CSDS-03 what many nodes have is redacted once, up to a limit that is told', () => {
  const asked: string[] = [];
  const known = {
    contentOf: ({ name }: Resource) => {
      asked.push(name);
      return Buffer.from('content');
    },
    updatedAt: () => 1_500,
  };
  const small = cluster('small', '1');
  const both = [statusOf('a', small), statusOf('b', small)];
  const found = encodeClients(both, known);
  if (!found.ok) throw new Error(found.why);
  expect(Buffer.from(found.message).toString().split('content')).toHaveLength(3);
  expect(asked).toEqual(['small']);
  const half = Buffer.alloc(LIMITS.clientStatusContentsBytesMax / 2);
  const wide = ['c', 'd'].map((id) => statusOf(id, { ...cluster(id, '1'), bytes: half }));
  expect(encodeClients(wide, known).ok).toBe(true);
  expect(encodeClients([...wide, ...both], known)).toEqual({
    ok: false,
    why: expect.stringMatching(/8 MiB; name fewer .*exclude_resource_contents/) as string,
  });
});
