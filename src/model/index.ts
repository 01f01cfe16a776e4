/**
 * Text → values with origins: the YAML reader with positions, the kinds (what they *mean*), raw
 * resource files, and settings. It knows no protobuf, no Envoy message, and does no I/O.
 */
export type * from './json.ts';
export { isList, isMap } from './json.ts';
export { pointerTo, pointerTokens } from './yaml/pointer.ts';
export { formatAddress, parseAddress, type Address } from './kinds/address.ts';
export type { CertificateValue } from './kinds/certificate.ts';
export { CLUSTER_DEFAULTS, type ClusterValue } from './kinds/cluster.ts';
export type { Endpoint } from './kinds/endpoint.ts';
export type { EndpointsValue } from './kinds/endpoints.ts';
export type { GrpcServerTls, GrpcServerValue } from './kinds/grpc-server.ts';
export type { GroupMatch } from './kinds/group-match.ts';
export type { AllowedName, ClientCertificates } from './kinds/client-certificates.ts';
export type { ClientIp } from './kinds/client-ip.ts';
export { localityName, type LocalityWeight } from './kinds/locality.ts';
export type { HttpOptions } from './kinds/http-options.ts';
export type { ListenerTls } from './kinds/listener-tls.ts';
export type { ListenerValue } from './kinds/listener.ts';
export type { NodeGroupValue } from './kinds/node-group.ts';
export type { ClaimCondition, ClaimValue } from './kinds/claim.ts';
export { certificateTexts, type CertificateCondition } from './kinds/client-certificate.ts';
export type { ValueCondition, ValueTest } from './kinds/condition.ts';
export { PLAIN_FORWARDING, type Forwarding, type Mirror, type Retry } from './kinds/forward.ts';
export {
  matchName,
  NO_CONDITIONS,
  pathText,
  type Conditions,
  type PathMatch,
  type RuleMatch,
} from './kinds/match.ts';
export type { PatchTarget, PatchValue } from './kinds/patch.ts';
export { RESPOND_BYTES_MAX, type Respond, type RespondBody } from './kinds/respond.ts';
export type { Redirect, Rewrite, RouteAction, RouteRule, RouteValue } from './kinds/route.ts';
export type { StickyKey } from './kinds/sticky.ts';
export type { KindName, KindValues } from './kinds/table.ts';
export type { SecretValue } from './kinds/secret.ts';
export type { TcpRouteValue } from './kinds/tcp-route.ts';
export type { ListenerProtocol, TcpOptions, UdpOptions } from './kinds/tcp.ts';
export type { TrustValue } from './kinds/trust.ts';
export type { RouteTarget, WeightedTarget } from './kinds/target.ts';
export type { AddressRange } from './fields/cidr.ts';
export type { AuthorizeMatch, AuthorizePolicy } from './policies/authorize.ts';
export { headerCredentials } from './policies/header-credentials.ts';
export type { HeaderChanges, HeadersPolicy } from './policies/headers.ts';
export type { JwtKeys, JwtPolicy, JwtProvider, JwtSource } from './policies/jwt.ts';
export type { RateLimit, RateLimitKey, RateLimitPolicy } from './policies/rate-limit.ts';
export { policyKeysIn, policySetsOf, policyTargetsOf } from './policies/policies-in.ts';
export { NO_POLICIES, type PolicySet, type PolicyUse } from './policies/policy-set.ts';
export type { Policy, PolicyPlace } from './policies/policy.ts';
export { POLICIES, POLICY_NAMES, type PolicyName, type PolicyValues } from './policies/table.ts';
export { variableIn } from './fields/variable.ts';
export { resolveFilePath } from './fields/file-path.ts';
export {
  FORMAT_COMMANDS,
  formatProblem,
  headerFormatProblem,
  newerCommands,
} from './fields/format.ts';
export { foreignSource } from './foreign.ts';
export { isDocumentPath } from './document-path.ts';
export { locateOrigin, originLocator } from './locate-origin.ts';
export { parseFile } from './parse-file.ts';
export { writtenAt, writtenDocuments } from './written.ts';
export { describeDocuments, type DescribedDocument } from './described.ts';
export { folderSources } from './folder-sources.ts';
export * from './without-secrets.ts';
export { parseSettings } from './parse-settings.ts';
export { allowedAt, isHostAllowed, isNameAllowed, type Allowed, type Ownership } from './owners.ts';
export { documentsSchema, KIND_NAMES, kindSchema, settingsSchema } from './json-schema.ts';
export * from './settings.ts';
export type * from './types.ts';
