import type { Visit } from '../../schema/index.ts';
import { ignoredFields, isSet, open, refused, refusedFields } from './grpc-notes.ts';
import { enumOf, fieldOf, isObject, listOf, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

const filter: InspectionRule = (visit, notes) => {
  if (isSet(visit, 'matcher') && visit.get('rules') === undefined) {
    const words = 'gRPC knows no matcher of rbac, and would let everybody pass; write rules';
    open(notes, visit.at('matcher'), words);
  }
  ignoredFields(visit, notes, ['shadow_rules', 'shadow_matcher']);
};

const policy: InspectionRule = (visit, notes) =>
  refusedFields(visit, notes, ['condition', 'checked_condition']);

/** It matches nothing: whom it was to deny is let in, and whom to allow is not. */
function neverMatched(visit: Visit, notes: Notes, fields: readonly string[]): void {
  for (const field of fields.filter((one) => isSet(visit, one))) {
    const words =
      `gRPC knows no ${field} in rbac and never matches it, so that who is denied by it ` +
      'gets in; remove it';
    open(notes, visit.at(field), words);
  }
}

function header(visit: Visit, notes: Notes): void {
  const name = textOf(fieldOf(visit.get('header'), 'name'));
  if (!name.startsWith('grpc-') && name !== ':scheme') return;
  refused(notes, visit.at('header'), `gRPC refuses the header "${name}" in rbac; remove it`);
}

const permission: InspectionRule = (visit, notes) => {
  neverMatched(visit, notes, ['metadata']);
  refusedFields(visit, notes, ['matcher', 'uri_template', 'sourced_metadata']);
  header(visit, notes);
};

const principal: InspectionRule = (visit, notes) => {
  neverMatched(visit, notes, ['metadata']);
  refusedFields(visit, notes, ['filter_state', 'sourced_metadata', 'custom', 'mtls_authenticated']);
  header(visit, notes);
};

const CERTIFICATES = ['tls_certificates', 'tls_certificate_sds_secret_configs'];

/** Certificates come from providers that the bootstrap of the application names (gRFC A29). */
function commonTls(visit: Visit, notes: Notes): { readonly hasRoots: boolean } {
  const common = visit.get('common_tls_context');
  const pointer = visit.at('common_tls_context');
  const given = [...CERTIFICATES, 'validation_context_sds_secret_config'].filter((field) => {
    const value = fieldOf(common, field);
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  for (const field of given) {
    const words = `gRPC takes certificates from providers alone, and refuses ${field}; ${PROVIDER}`;
    refused(notes, pointer, words);
  }
  for (const field of ['tls_params', 'custom_handshaker']) {
    if (fieldOf(common, field) === undefined) continue;
    refused(notes, pointer, `gRPC refuses ${field}; remove it`);
  }
  const combined = fieldOf(common, 'combined_validation_context');
  if (fieldOf(combined, 'validation_context_sds_secret_config') !== undefined) {
    const field = 'validation_context_sds_secret_config';
    const words = `gRPC takes certificates from providers alone, and refuses ${field}; ${PROVIDER}`;
    refused(notes, pointer, words);
  }
  const contexts = [
    fieldOf(common, 'validation_context'),
    fieldOf(combined, 'default_validation_context'),
  ];
  const hasRoots =
    contexts.some((one) => ROOTS.some((field) => fieldOf(one, field) !== undefined)) ||
    [common, combined].some((one) => fieldOf(one, OLD_ROOTS) !== undefined);
  return { hasRoots };
}

const PROVIDER =
  'name one as tls_certificate_provider_instance or ca_certificate_provider_instance';
const ROOTS = ['ca_certificate_provider_instance', 'system_root_certs'];
const OLD_ROOTS = 'validation_context_certificate_provider_instance';
const IDENTITIES = [
  'tls_certificate_provider_instance',
  'tls_certificate_certificate_provider_instance',
];

const upstreamTls: InspectionRule = (visit, notes) => {
  if (commonTls(visit, notes).hasRoots) return;
  const words =
    'gRPC refuses TLS whose validation_context names no ca_certificate_provider_instance; add it';
  refused(notes, visit.pointer, words);
};

const downstreamTls: InspectionRule = (visit, notes) => {
  const common = visit.get('common_tls_context');
  const { hasRoots } = commonTls(visit, notes);
  if (!IDENTITIES.some((field) => fieldOf(common, field) !== undefined)) {
    const words = 'gRPC servers need tls_certificate_provider_instance; add it';
    refused(notes, visit.pointer, words);
  }
  if (isSet(visit, 'require_client_certificate') && !hasRoots) {
    const words =
      'gRPC asks for client certificates only with a ca_certificate_provider_instance in ' +
      'validation_context; add it';
    refused(notes, visit.at('require_client_certificate'), words);
  }
  refusedFields(visit, notes, ['require_sni']);
  const staple = enumOf(visit.get('ocsp_staple_policy'), [LENIENT]);
  if (staple !== LENIENT) {
    const words = `gRPC staples nothing, and refuses ocsp_staple_policy; remove it`;
    refused(notes, visit.at('ocsp_staple_policy'), words);
  }
  const context = fieldOf(common, 'validation_context');
  if (!isObject(context) || listOf(fieldOf(context, NAMES)).length === 0) return;
  const words = `gRPC servers refuse ${NAMES}; have rbac decide who may call`;
  refused(notes, visit.at('common_tls_context'), words);
};

const LENIENT = 'LENIENT_STAPLING';
const NAMES = 'match_subject_alt_names';

const validation: InspectionRule = (visit, notes) => {
  refusedFields(visit, notes, [
    'verify_certificate_spki',
    'verify_certificate_hash',
    'require_signed_certificate_timestamp',
    'crl',
    'custom_validator_config',
  ]);
  const field = 'match_typed_subject_alt_names';
  if (!isSet(visit, field)) return;
  const words = `gRPC ignores ${field} and takes any name; write ${NAMES} instead`;
  open(notes, visit.at(field), words);
};

const RBAC = 'envoy.config.rbac.v3';
const TLS = 'envoy.extensions.transport_sockets.tls.v3';

/** What gRPC says of who may pass, and of TLS (gRFCs A29, A41). */
export const GRPC_POLICIES: Readonly<Record<string, InspectionRule>> = {
  'envoy.extensions.filters.http.rbac.v3.RBAC': filter,
  [`${RBAC}.Policy`]: policy,
  [`${RBAC}.Permission`]: permission,
  [`${RBAC}.Principal`]: principal,
  [`${TLS}.UpstreamTlsContext`]: upstreamTls,
  [`${TLS}.DownstreamTlsContext`]: downstreamTls,
  [`${TLS}.CertificateValidationContext`]: validation,
};
