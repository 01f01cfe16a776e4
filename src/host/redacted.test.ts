import { expect, test } from 'vitest';
import { loadSchema } from '../ingest/index.ts';
import { cluster } from '../../test/support/registry-rig.ts';
import { createRedacted } from './redacted.ts';

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

test('CSDS-03 SDS-06 keys are in no contents, whatever field they are in', () => {
  const schema = loadSchema();
  const key = Buffer.from('the-key').toString('base64');
  const { bytes, problems } = schema.encode(CLUSTER, {
    name: 'app',
    transport_socket: {
      name: 'tls',
      typed_config: {
        '@type': TLS,
        sni: 'app.test',
        common_tls_context: {
          tls_certificates: [
            { private_key: { inline_bytes: key }, password: { inline_string: 'the-word' } },
          ],
        },
      },
    },
  });
  expect(problems.map(({ message }) => message)).toEqual([]);
  const redacted = createRedacted();
  const content = redacted({ ...cluster('app', '1'), bytes });
  const shown = JSON.stringify(
    schema.decode(CLUSTER, content ?? Buffer.alloc(0), { reveal: true }),
  );
  expect(shown).toContain('app.test');
  expect(shown).toContain('tls_certificates');
  expect(shown).not.toContain('the-word');
  expect(shown).not.toContain(key);
  expect(Buffer.from(content ?? []).toString('latin1')).not.toContain('the-key');
  expect(redacted({ ...cluster('app', '1'), bytes, secret: true })).toBeNull();
  expect(redacted({ ...cluster('app', '1'), type: 'Secret', bytes })).toBeNull();
});
