// Names of the DOM library that @peculiar/x509 (a test dependency) uses in its types. Declared
// here one by one, so that the rest of the DOM stays unknown to a server.
import type { webcrypto } from 'node:crypto';

declare global {
  type BufferSource = ArrayBufferView | ArrayBuffer;
  type Algorithm = webcrypto.Algorithm;
  type KeyAlgorithm = webcrypto.KeyAlgorithm;
  type AlgorithmIdentifier = webcrypto.AlgorithmIdentifier;
  type HashAlgorithmIdentifier = webcrypto.HashAlgorithmIdentifier;
  type KeyUsage = webcrypto.KeyUsage;
  type KeyFormat = webcrypto.KeyFormat;
  type EcKeyGenParams = webcrypto.EcKeyGenParams;
  type EcKeyImportParams = webcrypto.EcKeyImportParams;
  type EcdsaParams = webcrypto.EcdsaParams;
  type RsaHashedKeyGenParams = webcrypto.RsaHashedKeyGenParams;
  type RsaHashedImportParams = webcrypto.RsaHashedImportParams;
  type CryptoKey = webcrypto.CryptoKey;
  type CryptoKeyPair = webcrypto.CryptoKeyPair;
  type Crypto = webcrypto.Crypto;
  type SubtleCrypto = webcrypto.SubtleCrypto;
}
