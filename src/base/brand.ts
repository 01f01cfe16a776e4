declare const brand: unique symbol;

/** A nominal type over `T`: identifiers that must not be mixed up get one each. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** 128 bits of SHA-256 in lower-case hex (32 characters). */
export type Hash = Brand<string, 'Hash'>;
/** Content hash of one resource as it travels on the wire (delta `Resource.version`). */
export type Version = Brand<string, 'Version'>;
/** `response_nonce`: unique per response on a stream, never compared across streams. */
export type Nonce = Brand<string, 'Nonce'>;
/** `<path relative to the source root>#<index of the document in the file>`. */
export type DocumentId = Brand<string, 'DocumentId'>;
/** Hash of the tree of document texts. Equal trees have equal ids. */
export type ManifestId = Brand<string, 'ManifestId'>;
/** Hash of the effective material (certificates, keys, endpoints, included bodies). */
export type MaterialId = Brand<string, 'MaterialId'>;
/** Hash of (documents, material, compiler, filterProfile, language). */
export type RevisionId = Brand<string, 'RevisionId'>;
/** Identity of an interned snapshot: hash over its sets. */
export type SnapshotId = Brand<string, 'SnapshotId'>;
/** Position of an entry in the log, from 1; the `active_config_version` gauge. */
export type Seq = Brand<number, 'Seq'>;
/** Numbers the requests to the compiler within one process. */
export type RequestId = Brand<number, 'RequestId'>;
/** One stream of one client within this process. */
export type ClientId = Brand<string, 'ClientId'>;
/** Name of a NodeGroup. */
export type GroupName = Brand<string, 'GroupName'>;
/** Milliseconds of a monotonic clock; only differences mean anything. */
export type Mono = Brand<number, 'Mono'>;

// The brand constructors: the only casts from plain values.
export const hashOf = (value: string): Hash => value as Hash;
export const version = (value: string): Version => value as Version;
export const nonce = (value: string): Nonce => value as Nonce;
export const documentId = (path: string, index: number): DocumentId =>
  `${path}#${index}` as DocumentId;
export const manifestId = (value: string): ManifestId => value as ManifestId;
export const materialId = (value: string): MaterialId => value as MaterialId;
export const revisionId = (value: string): RevisionId => value as RevisionId;
export const snapshotId = (value: string): SnapshotId => value as SnapshotId;
export const seq = (value: number): Seq => value as Seq;
export const requestId = (value: number): RequestId => value as RequestId;
export const clientId = (value: string): ClientId => value as ClientId;
export const groupName = (value: string): GroupName => value as GroupName;
export const mono = (value: number): Mono => value as Mono;
