import { z } from 'zod';

/** What other products call fields, normalised: see `plain`. Of the names here one may be known. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  attempts: ['times'],
  authority: ['hosts'],
  backend: ['to'],
  backendrefs: ['to'],
  backends: ['to', 'endpoints'],
  balance: ['loadBalancer'],
  cafile: ['ca'],
  certfile: ['cert'],
  certificate: ['certificates'],
  certificaterefs: ['certificates'],
  certificatechain: ['cert'],
  cluster: ['to'],
  claims: ['jwt'],
  clustername: ['to'],
  data: ['file'],
  destination: ['to'],
  domains: ['hosts'],
  exact: ['path'],
  file: ['ca'],
  filename: ['file'],
  forwardto: ['to'],
  host: ['hosts', 'address'],
  hostname: ['hosts', 'sni'],
  hostnames: ['hosts', 'sni'],
  hosts: ['endpoints', 'sni'],
  jsonpatches: ['merge'],
  jwksuri: ['jwks'],
  keyfile: ['key'],
  lb: ['loadBalancer'],
  lbpolicy: ['loadBalancer'],
  listen: ['port'],
  loadassignment: ['endpoints'],
  labels: ['metadata'],
  match: ['rules'],
  maxretries: ['times'],
  nodes: ['match'],
  numretries: ['times'],
  on: ['when'],
  parentrefs: ['listeners'],
  patch: ['merge'],
  pathprefix: ['prefix'],
  pathregex: ['regex'],
  percent: ['share'],
  percentage: ['share'],
  pertrytimeout: ['perTry'],
  privatekey: ['key'],
  proxypass: ['to'],
  regularexpression: ['regex'],
  retries: ['times', 'retry'],
  retryon: ['when'],
  saferegex: ['regex'],
  selector: ['match'],
  servername: ['sni'],
  servers: ['endpoints'],
  service: ['to'],
  servicename: ['to'],
  subsetselectors: ['subsets'],
  targets: ['to', 'endpoints'],
  upstream: ['to'],
  upstreams: ['to', 'endpoints'],
  url: ['to'],
  value: ['file', 'env'],
  virtualhosts: ['hosts'],
  weightedclusters: ['to'],
};

const CERTIFICATE = 'write a document of kind Certificate with it, and its name in certificates';

/** What takes more than a name, where the field named is one that is known. */
const WORDS: Readonly<Record<string, readonly (readonly [known: string, words: string])[]>> = {
  apiversion: [['kind', 'documents of helve are flat and have no apiVersion; remove it']],
  ca: [['trust', 'write a document of kind Trust with it, and its name in trust']],
  cafile: [['trust', 'write a document of kind Trust with it, and its name in trust']],
  cert: [['certificates', CERTIFICATE]],
  certfile: [['certificates', CERTIFICATE]],
  connecttimeout: [['timeouts', 'write timeouts: {connect: 1s}']],
  host: [['weight', 'write address: host:port']],
  hostname: [['redirectToHttps', 'write it in the hosts of a Route']],
  http2: [['protocol', 'write protocol: http2']],
  insecure: [['verify', 'write verify: none, and nobody is verified']],
  insecureskipverify: [['verify', 'write verify: none, and nobody is verified']],
  key: [['certificates', CERTIFICATE]],
  location: [['match', 'write match: {prefix: /…}']],
  metadata: [['kind', 'documents of helve are flat; write its fields beside kind']],
  port: [['weight', 'write address: host:port']],
  proxypass: [['to', 'write to: with a cluster or host:port']],
  routes: [['redirectToHttps', 'write Routes, which name it in listeners']],
  rules: [['redirectToHttps', 'write Routes, which name it in listeners']],
  spec: [['kind', 'documents of helve are flat; write its fields beside kind']],
  type: [['loadBalancer', 'endpoints with a host name are looked up by DNS, others are not']],
};

const FIELDS_SHOWN_MAX = 3;

/** What to write instead of a field of another product, where these exist; '' where it is none. */
export function foreignField(key: string, known: readonly string[]): string {
  const name = plain(key);
  const words = own(WORDS, name)?.find(([field]) => known.includes(field));
  if (words !== undefined) return `; ${words[1]}`;
  const others = (own(NAMES, name) ?? []).filter((field) => known.includes(field));
  return others.length > 0 ? `; write ${others.join(' or ')}` : '';
}

/** The fields of which one is what the field is written in; '' where none is. */
export function fieldAround(key: string, shape: Readonly<Record<string, unknown>>): string {
  const around = Object.keys(shape)
    .filter((field) => hasField(shape[field], key))
    .slice(0, FIELDS_SHOWN_MAX);
  return around.length === 0 ? '' : `; write it in ${around.join(' or ')}`;
}

/** What every object inherits is no entry. */
const own = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const plain = (key: string): string => key.replaceAll(/[_-]/g, '').toLowerCase();

/** Whether what is written at a field may be a map with the key, or a list of such. */
function hasField(schema: unknown, key: string): boolean {
  if (schema instanceof z.ZodOptional) return hasField(schema.unwrap(), key);
  if (schema instanceof z.ZodPipe) return hasField(schema.in, key);
  if (schema instanceof z.ZodArray) return hasField(schema.element, key);
  if (schema instanceof z.ZodUnion) return schema.options.some((one) => hasField(one, key));
  return schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key);
}
