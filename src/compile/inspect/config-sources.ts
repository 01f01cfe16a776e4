import { fieldOf, isObject, listOf, textOf, typeUrlOf, messageOf } from './json.ts';
import type { InspectionRule } from './notes.ts';
import { ADS_SOURCE } from '../lower/ads-source.ts';

/** Files, `ads` of any spelling → the one canonical ConfigSource; others stay. */
const canonicalSource: InspectionRule = (visit, notes) => {
  const fields = ['ads', 'path', 'path_config_source'];
  if (!fields.some((field) => visit.get(field) !== undefined)) return;
  notes.edits.push({ pointer: visit.pointer, value: ADS_SOURCE });
};

/** A file is read by helve and sent inline. */
const dataSource: InspectionRule = (visit, notes) => {
  if (typeof visit.get('filename') !== 'string') return;
  notes.files.push({ pointer: visit.pointer, filenamePointer: visit.at('filename') });
};

const tlsCertificate: InspectionRule = (visit, notes) => {
  if (visit.get('watched_directory') !== undefined)
    notes.watched.push(visit.at('watched_directory'));
  const chain = visit.get('certificate_chain');
  const key = visit.get('private_key');
  if (!isObject(chain) || !isObject(key)) return;
  notes.pairs.push({
    pointer: visit.pointer,
    chain,
    chainPointer: visit.at('certificate_chain'),
    key,
    keyPointer: visit.at('private_key'),
  });
};

const validationContext: InspectionRule = (visit, notes) => {
  if (visit.get('watched_directory') !== undefined)
    notes.watched.push(visit.at('watched_directory'));
};

/** Filters whose configs hold credentials that Envoy cannot take by SDS. */
const credentials: InspectionRule = (_visit, notes) => {
  notes.hasInlineSecret = true;
};

const clusterTraits: InspectionRule = (visit, notes) => {
  const type = textOf(visit.get('type'));
  const extension = textOf(fieldOf(visit.get('cluster_type'), 'name'));
  const typeUrl = messageOf(typeUrlOf(fieldOf(visit.get('cluster_type'), 'typed_config')));
  const isDns = type === 'STRICT_DNS' || type === 'LOGICAL_DNS' || /dns/i.test(extension + typeUrl);
  if (isDns || listOf(visit.get('health_checks')).length > 0) notes.warmsSlowly = true;
};

const waitsForSecret: InspectionRule = (_visit, notes) => {
  notes.warmsSlowly = true;
};

const TLS = 'envoy.extensions.transport_sockets.tls.v3';

/** Where values come from, and what warms on them. */
export const SOURCES: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.core.v3.ConfigSource': canonicalSource,
  'envoy.config.core.v3.DataSource': dataSource,
  [`${TLS}.TlsCertificate`]: tlsCertificate,
  [`${TLS}.CertificateValidationContext`]: validationContext,
  [`${TLS}.SdsSecretConfig`]: waitsForSecret,
  'envoy.config.cluster.v3.Cluster': clusterTraits,
  'envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth': credentials,
  'envoy.extensions.filters.http.basic_auth.v3.BasicAuth': credentials,
};
