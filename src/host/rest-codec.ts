import { invariant } from '../base/index.ts';
import type { Schema } from '../schema/index.ts';
import type { RestCodec } from '../server/index.ts';
import { typeRow } from '../snapshot/index.ts';
import { encodeLeniently } from './lenient-encode.ts';

const REQUEST = 'envoy.service.discovery.v3.DiscoveryRequest';

/** ProtoJSON as Envoys that poll over REST write and read it. */
export const createRestCodec = (schema: Schema): RestCodec => ({
  read: (json) =>
    encodeLeniently(schema, REQUEST, json, {
      isLeftOut: ({ code }) => code === 'SCHEMA_UNKNOWN_FIELD',
    }),
  write: ({ type, bytes }) => {
    const message = typeRow(type).url.replace('type.googleapis.com/', '');
    const json = schema.decode(message, bytes, { reveal: true });
    invariant(typeof json === 'object' && json !== null, `${message} does not decode`);
    return json;
  },
});
