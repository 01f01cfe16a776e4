/** One kind of finding: how bad it is, what it means, what the reader should do. */
export interface CatalogueEntry {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly help: string;
}

const error = (summary: string, help: string): CatalogueEntry => ({
  severity: 'error',
  summary,
  help,
});
const warning = (summary: string, help: string): CatalogueEntry => ({
  severity: 'warning',
  summary,
  help,
});

/**
 * Every code that helve can report, the names being those that scripts match on. A code is never
 * reused for another meaning. `docs/diagnostics.md` is generated from this table and the samples.
 */
export const CATALOGUE = {
  // Text: YAML, JSON, files
  YAML_SYNTAX: error('The text is not YAML.', 'Correct the syntax at the place shown.'),
  YAML_DUPLICATE_KEY: error('A map has one key twice.', 'Keep one of the two.'),
  YAML_TOO_DEEP: error('Nesting is deeper than the limit.', 'Flatten the document.'),
  YAML_ALIAS_LIMIT: error('Aliases expand beyond the limit.', 'Write the values out.'),
  YAML_ALIAS_CYCLE: error('An alias refers to a node that contains it.', 'Break the cycle.'),
  YAML_MERGE_KEY: error('Merge keys (<<) are not supported.', 'Write the fields out.'),
  YAML_MULTI_DOC: error('There are several documents, and one is read.', 'Join them.'),
  YAML_VERSION: error('Only YAML 1.2 is read.', 'Remove the %YAML directive.'),
  YAML_TAG: error('Tags are not allowed.', 'Write a plain value.'),
  YAML_KEY: error('Only strings can be keys.', 'Quote the key.'),
  YAML_RESERVED_KEY: error('The key is reserved.', 'Choose another name.'),
  JSON_SYNTAX: error('The text is not JSON.', 'Correct the syntax at the place shown.'),
  STRING_CONTROL_CHAR: error('A string has control characters.', 'Remove them.'),
  NUMBER_FORM: error('The number has an ambiguous form.', 'Write a decimal without leading zeros.'),
  NUMBER_RANGE: error('The number cannot be held exactly.', 'Quote it, or use a smaller one.'),
  NUMBER_FINITE: error('The number is not finite.', 'Write a finite number.'),
  DOC_EMPTY: error(
    'A document file has become empty.',
    'Delete the file, or write `resources: []`.',
  ),
  FILE_ENCODING: error('The file is not UTF-8.', 'Save it as UTF-8.'),
  FILE_CONFLICT_MARKER: error('The file has merge-conflict markers.', 'Finish the merge.'),
  FILE_TOO_LARGE: error('The file is larger than the limit.', 'Split it.'),
  TREE_TOO_LARGE: error('The folder holds more than the limit.', 'Split it, or use `ignore:`.'),
  FILE_UNREADABLE: error('The file cannot be read.', 'Check that it exists and its permissions.'),
  FILE_EMPTY: error('The file is empty.', 'Write it, or do not name it.'),
  FILE_NOT_REGULAR: error('The path is not a regular file.', 'Name a regular file.'),
  PATH_ESCAPE: error('The path leaves the allowed roots.', 'Move the file, or use --allow-path.'),
  PATH_LOOP: error('Symbolic links form a loop.', 'Break the loop.'),
  FILE_NAME: warning('The ending is none that is read.', 'Name it .yaml, .yml or .json.'),
  FILE_PEM: warning(
    'A PEM file has the name of a document.',
    'Refer to it from a document, or name it .pem, .crt or .key.',
  ),
  FILE_MODE: warning('A key can be read by everyone.', 'chmod 600.'),

  // Source and guards
  SOURCE_MISSING: error('The source folder is missing.', 'Restore it; the last good stays live.'),
  SOURCE_UNREADABLE: error('The source cannot be read.', 'Check its permissions.'),
  SOURCE_INCOMPLETE: error(
    'The source has no documents.',
    'Restore them; the last good stays live.',
  ),
  SOURCE_FOREIGN: error(
    'No document of the source is one of helve.',
    'Name the folder that has its documents, or begin one with `helve init`.',
  ),
  SOURCE_UNSEEN: error(
    'The source has not been looked at yet.',
    'Wait for the first look; the last good stays live.',
  ),
  SOURCE_UNSETTLED: error('The source keeps changing.', 'Wait for the writer to finish.'),
  GUARD_SHRINK: error('Too much would be removed at once.', 'helve apply --allow-removals=N.'),
  GUARD_GROWTH: error(
    'The input has grown beyond the guard.',
    'helve apply, or raise maxGrowth in helve.yaml.',
  ),
  INGEST_DIED: error('The compile process died repeatedly.', 'Undo the last edit, or report it.'),
  STATE_UNUSABLE: error(
    'The accepted revision cannot be compiled by this helve.',
    'Repair the source, or start the helve that accepted it.',
  ),
  STORE_UNAVAILABLE: error(
    'The state directory cannot be written, or what is in it cannot be read.',
    'Do what the message says.',
  ),
  FINDINGS_MORE: warning('There are more findings than are shown.', 'Mend those that are shown.'),
  COMPILE_LIMIT: error('Compiling hit a limit.', 'Make the input smaller.'),

  // Schema
  SCHEMA_UNKNOWN_FIELD: error('The field does not exist.', 'Use the nearest name.'),
  SCHEMA_KIND: error('The kind does not exist.', 'Use one of the known kinds.'),
  SCHEMA_REQUIRED: error('A required field is missing.', 'Add it.'),
  SCHEMA_TYPE: error('The value has the wrong type.', 'Write a value of the expected type.'),
  SCHEMA_RANGE: error('The value is out of range.', 'Write a value inside the range.'),
  SCHEMA_ENUM: error('The value is not one of the allowed ones.', 'Use an allowed value.'),
  SCHEMA_NULL: error('The value is null.', 'Remove the key, or write a value.'),
  SCHEMA_ONE_OF: error('Fields exclude each other, or one is needed.', 'Keep exactly one.'),
  SCHEMA_DUPLICATE: error('A list has one value twice.', 'Remove one of the two.'),
  SCHEMA_DURATION: error('Not a duration.', 'Write e.g. 250ms, 3s, 5m, 1h, 1d.'),
  SCHEMA_SIZE: error('Not a size.', 'Write e.g. 64KiB.'),
  SCHEMA_PERCENT: error('Not a percentage.', 'Write e.g. 5%.'),
  SCHEMA_HOST: error('Not a host.', 'Write a name, *.suffix or *.'),
  SCHEMA_ADDRESS: error('Not an address.', 'Write host:port, [::1]:80 or unix:/path.'),
  SCHEMA_IP: error('Not an IP address in its canonical form.', 'Write e.g. 10.0.0.1 or ::1.'),
  SCHEMA_CIDR: error(
    'Not a range of addresses.',
    'Write e.g. 10.0.0.0/8: no bits behind the prefix.',
  ),
  SCHEMA_PATH: error('Not a path.', 'Begin with /, without ?, # or escapes.'),
  SCHEMA_HEADER_NAME: error('Not a header name.', 'Use lower-case letters, digits and -.'),
  SCHEMA_HEADER_VALUE: error('Not a header value.', 'Remove control characters; %% is a percent.'),
  SCHEMA_FORMAT: error('A formatter command is wrong.', 'Correct it; %% is a percent.'),
  REGEX_UNSUPPORTED: error('Not an RE2 expression.', 'Remove look-around and back-references.'),
  REGEX_TOO_COMPLEX: error('The expression is too large.', 'Simplify it.'),
  NAME_INVALID: error('The name is not allowed.', 'Use a-z, 0-9, . _ / and -.'),
  LANGUAGE_VERSION: error('The language version is unknown.', 'Use a version that helve reads.'),

  // Names and references
  NAME_DUPLICATE: error('Two documents define one name.', 'Rename or delete one.'),
  REF_NOT_FOUND: error('The reference does not resolve.', 'Define it, or use the nearest name.'),
  REF_IN_USE: error('What is still referred to was removed.', 'Remove the reference too.'),
  REF_AMBIGUOUS: error('The reference could mean several.', 'Say which.'),
  REF_CYCLE: error('References form a cycle.', 'Break it.'),
  NAME_CONFUSABLE: warning('Two names look alike.', 'Rename one.'),
  GROUP_EMPTY: warning(
    'Nothing is for the node group.',
    'Name it in `nodes:` of a listener, or delete it.',
  ),
  OWNER_MISSING: warning(
    'Some documents say who owns them, and others do not.',
    'Write `owner:`, or a name like team/cart.',
  ),
  OWNERSHIP_DENIED: error(
    'The path may not use the name or the host.',
    'Use what `owners:` in helve.yaml gives the path, or move the document.',
  ),
  REF_NOT_GRANTED: error(
    'The material is of another owner.',
    'Use what `owners:` in helve.yaml gives the path, or ask for its name there.',
  ),
  UNUSED: warning('Nothing uses this.', 'Delete it, or refer to it.'),

  // Conflicts
  LISTENER_CONFLICT: error('Two listeners have one address.', 'Change a port or an address.'),
  DOMAIN_CONFLICT: error('Two virtual hosts claim one domain.', 'Keep one.'),
  FILTER_CHAIN_CONFLICT: error('Two filter chains match alike.', 'Make them differ.'),
  ROUTE_CONFLICT: error('Two rules match exactly alike.', 'Change one, or set priority.'),
  ROUTE_OVERLAP: warning('Two rules can match; the name decides.', 'Set priority.'),
  ROUTE_UNREACHABLE: warning('The rule can never match.', 'Remove it, or move it.'),
  PATH_WILDCARD: warning('A wildcard of a path stands for itself.', 'Write a prefix, or a regex.'),
  ROUTE_HIDDEN: warning('Some hosts hide rules of a wildcard host.', 'Write inherit there.'),
  INHERIT_LIMIT: error('Hosts inherit more rules than the limit.', 'Let fewer hosts inherit.'),
  SHARD_LIMIT: error('Shards repeat too many rules of wildcard hosts.', 'List exact hosts.'),
  SHARD_CONFLICT: error('Shards and scopes of a raw file may share an Envoy.', 'Keep one.'),
  ROUTE_NO_ENTRY: error('No rule takes requests before their claims.', 'Add one without jwt.'),
  ROUTE_GROUP: error('Rules that follow each other differ.', 'Give both the same, in one Route.'),
  CLIENTS_NOT_ASKED: warning('No listener asks for certificates.', 'Add tls.clients to one.'),
  RETRY_TIMEOUT: warning('The tries outlast the timeout.', 'Raise timeout, or lower perTry.'),
  RETRY_UNSAFE: warning('A retry may repeat what was done.', 'Give the rule methods.'),
  STICKY_CONFLICT: error('Rules of a host share a cookie.', 'Give each rule its own cookie.'),
  WEIGHT_SUM: error('The weights sum to 0, or beyond the limit.', 'Give one a positive weight.'),
  BREAKER_ZERO: warning('A circuit breaker lets nothing through.', 'Write at least 1.'),
  EJECTS_ALL: warning('All endpoints may be ejected at once.', 'Lower maxEjected.'),
  HEALTH_UNCHECKED: warning(
    'Nothing looks whether the endpoints live.',
    'Add healthCheck or outlierDetection.',
  ),
  LISTENER_PLAINTEXT: warning(
    'A listener takes plaintext from everywhere.',
    'Add tls, or write protocol: http where it is meant.',
  ),
  WEIGHT_NO_ENDPOINT: warning('A weighted target has no endpoint.', 'Add one, or set weight 0.'),
  ZONE_NO_WEIGHT: error('A locality has no weight.', 'Add it to localityWeight.'),
  ZONE_UNKNOWN: warning('No endpoint says its zone.', 'Add zone, or remove zoneAware.'),
  SUBSET_UNKNOWN: error('The cluster has no such subsets.', 'Add the labels to its subsets.'),
  SUBSET_EMPTY: warning('No endpoint is in the subset.', 'Give its labels to an endpoint.'),
  UPSTREAM_FORBIDDEN: error('The upstream is not allowed.', 'Use another address.'),
  UPSTREAM_LOOP: error('The upstream is the listener itself.', 'Use another address.'),
  DESTINATION_UNKNOWN: warning(
    'No listener knows where connections were meant to go.',
    'Write originalDst: true at one.',
  ),
  DESTINATION_FORGEABLE: warning(
    'Whoever reaches the port can say where connections go.',
    'Write originalDst instead of proxyProtocol, or send to other clusters.',
  ),
  CLIENT_IP_FORGEABLE: warning(
    'Whoever reaches the port can say what address they have.',
    'Bind the address that only the proxy reaches, or say in `description` what stands in front.',
  ),
  PROTOCOL_CONFLICT: error('The options exclude each other.', 'Keep one.'),
  POLICY_BYPASSED: warning(
    'Connections that are passed on meet no policy.',
    'Let the target decide, and write the key with none at the TcpRoute.',
  ),
  POLICY_FAILS_OPEN: error('A per-route filter is not installed.', 'Install it in the listener.'),
  POLICY_PLACE: error('The policy cannot stand here.', 'Write it at a place that carries it.'),
  POLICY_CONFLICT: error('Two named policies set one key.', 'Keep one, or write the key inline.'),
  POLICY_ENFORCED: error('A wider place enforces the key.', 'Remove it here.'),
  JWKS_INVALID: error('The file is not a JWKS of public keys.', 'Write {"keys": [...]}.'),
  POLICY_NEEDS: error('The policy needs another one.', 'Add it, or drop what needs it.'),
  PATCH_CONFLICT: error('The resource cannot be changed so.', 'See the message.'),

  // Certificates and secrets
  TLS_NO_CERT: error('A TLS listener has no certificate.', 'Name one.'),
  CERT_PAIR_MISMATCH: error('Key and certificate do not belong together.', 'Write both files.'),
  CERT_PEM: error('Not PEM, or cut short.', 'Write the whole PEM file.'),
  CERT_EMPTY: error('The file is empty.', 'Write the PEM file.'),
  CERT_FORMAT: error('DER or PKCS#12 is not read.', 'Convert it to PEM with openssl.'),
  KEY_ENCRYPTED: error('The key is encrypted.', 'Decrypt it.'),
  CERT_EXPIRED: error('The certificate has expired.', 'Renew it.'),
  CERT_NOT_YET_VALID: error('The certificate is not valid yet.', 'Check the clock.'),
  CERT_EXPIRES_SOON: warning('The certificate expires soon.', 'Renew it.'),
  CERT_CHAIN_ORDER: error('The chain is out of order.', 'Write the leaf first, then each issuer.'),
  CERT_EKU: error(
    'The certificate is not for this use.',
    'Issue it with serverAuth, or clientAuth where a cluster shows it.',
  ),
  CERT_NO_SAN: error('The certificate has no DNS or IP name.', 'Issue it with subjectAltName.'),
  CERT_IS_CA: error('A CA certificate is used as leaf.', 'Issue a leaf certificate.'),
  CERT_NAME_CONFLICT: error('Two certificates cover one name.', 'Keep one.'),
  CERT_ALGORITHM: error('The algorithm or key size is too weak.', 'Use RSA ≥ 2048 or P-256.'),
  CERT_TOO_LARGE: error('The chain is too large.', 'Send only leaf and intermediates.'),
  TLS_NO_VERIFY: warning('The upstream is not verified.', 'Verify it by a Trust of its CA.'),
  CRL_EXPIRED: error('A revocation list has ended.', 'Write the newest list of its CA.'),
  CRL_ISSUER: error('A revocation list is of no CA of the Trust.', 'Write the lists of its CAs.'),
  CRL_INCOMPLETE: warning('A CA has no revocation list.', 'Add its list, or write crlDepth: leaf.'),
  SECRET_EMPTY: error('A secret has no value.', 'Write the value.'),
  SECRET_TOO_LARGE: error('The value of a secret is too large.', 'A Secret is one value.'),
  SECRET_WHITESPACE: error('White space stands around a secret.', 'Remove it.'),
  SECRET_PLACEHOLDER: warning('A secret looks like a placeholder.', 'Write the real value.'),
  TEXT_NOT_EXPANDED: error(
    'A text holds a variable or a template, and nothing expands it.',
    'Write the value, or make the file of a template first. Header values take ' +
      '%ENVIRONMENT(NAME)%, and a Secret takes `env: NAME`.',
  ),
  TICKET_KEY: error(
    'A key of session tickets is not 80 random bytes.',
    'Make one with `openssl rand 80`.',
  ),
  VAR_UNDEFINED: error('An environment variable is not set.', 'Set it where helve is started.'),
  SECRET_IN_HEADER: warning(
    'A header has a credential in the text.',
    'Write %ENVIRONMENT(NAME)%, which reads it where the Envoys run.',
  ),
  SECRET_INLINE: warning('A secret is inline.', 'Move it to a file.'),

  // Envoy's API
  PROTO_INVALID: error('A validation rule of Envoy is violated.', 'See the message.'),
  PROTO_TYPE: error('The type is not known to this Envoy.', 'Use a type that it has.'),
  PROTO_RANGE: error('The number does not fit.', 'Write a value inside the range.'),
  RESOURCE_TTL: error(
    'Envoys crash on a ttl of this type, or ignore it; or it is too short to be refreshed.',
    'Remove the ttl, or write a longer one.',
  ),
  RESOURCE_NAME: error('The resource has no or a wrong name.', 'Name it.'),
  RESPONSE_TOO_LARGE: error('A resource is larger than the limit.', 'Split it.'),
  NODE_VERSION: error('The Envoy of a group is too old for this.', 'Raise `envoy:`, or remove it.'),
  NODE_UNSUPPORTED: error(
    'A node cannot take a resource: its Envoy has not built it in, or its stream is SotW.',
    'Run a build that has it, or set DELTA_GRPC; or keep it from the node by a NodeGroup.',
  ),
  ENVOY_DEPRECATED: warning('The field is deprecated.', 'Use its successor.'),
  ENVOY_UNSTABLE: warning(
    'Envoy calls this alpha, or work in progress.',
    'Use what is stable, or accept that it may change.',
  ),
  GRPC_REFUSED: error(
    'gRPC without a proxy refuses this, or can never take it.',
    'Do what the message says; Envoys do not mind it.',
  ),
  GRPC_IGNORED: warning(
    'gRPC without a proxy ignores this, or not every gRPC knows it.',
    'Remove it, or write what gRPC knows; Envoys do not mind it.',
  ),
  ENVOY_REFUSES: error('An Envoy that was asked refuses it.', 'Do what its words say.'),
  ENVOY_ABORTS: error('Envoy would abort on this.', 'See the message.'),
} as const satisfies Record<string, CatalogueEntry>;

export type DiagnosticCode = keyof typeof CATALOGUE;
