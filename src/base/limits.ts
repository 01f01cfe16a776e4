/** Every limit has a name here, and a diagnostic or status where it is enforced. */
export const LIMITS = Object.freeze({
  fileBytesMax: 4 * 1024 * 1024,
  treeBytesMax: 256 * 1024 * 1024,
  treeFilesMax: 200_000,
  treeDepthMax: 32,
  materialBytesMax: 1024 * 1024,
  /** The value of a Secret document. */
  secretBytesMax: 64 * 1024,
  /** PEM of a leaf and its intermediates: clients refuse longer handshakes. */
  certificateChainBytesMax: 64 * 1024,
  /** Removals of this time are counted together, ms. */
  removalsWindowMs: 60_000,
  documentsPerFileMax: 10_000,
  yamlDepthMax: 64,
  yamlAliasesMax: 50,
  yamlNodesMax: 2_000_000,
  nameCharsMax: 200,
  diagnosticsMax: 100,
  /** Messages inside messages; protobuf's own readers stop at 100 as well. */
  messageDepthMax: 100,
  /** Of wider hosts, in the virtual hosts of one listener. */
  inheritedRulesMax: 100_000,
  /** Of wildcard hosts, in all shards of one listener. */
  shardedRulesMax: 100_000,
  resourceBytesMax: 64 * 1024 * 1024,
  /** One compile, ms, or whatever else keeps the compile process from answering: it is killed. */
  compileMsMax: 120_000,
  /** Lifetime of a resource: it is refreshed three times in it. */
  ttlMsMin: 1_000,
  requestBytesMax: 16 * 1024 * 1024,
  namesPerTypeMax: 200_000,
  /** Names in another spelling than the canonical one: no Envoy has any. */
  spellingsPerTypeMax: 1_000,
  nameBytesMax: 4096,
  /** Of a node, each a claim that is kept per client: fields beyond these are ignored. */
  metadataFieldsMax: 200,
  featuresMax: 100,
  parametersMax: 100,
  /** What a node says is built in: a real Envoy lists 700, in 60 KB. A longer list is none. */
  extensionsMax: 5_000,
  extensionBytesMax: 512 * 1024,
  /** Such lists that differ, over all nodes; further ones are none. */
  extensionListsMax: 1_000,
  streamsMax: 10_000,
  connectionsMax: 10_000,
  /** Connections that were let in and have said nothing yet; the others wait, */
  connectionsOpeningMax: 4,
  /** and are closed after this, ms. */
  connectionWaitMsMax: 10_000,
  /** New streams: a whole fleet may come back at once, and then so many a second. */
  streamsBurstMax: 10_000,
  streamsPerSecondMax: 1_000,
  /** Requests of one stream that answer no open response: an Envoy asks for secrets one by one. */
  requestsBurstMax: 20_000,
  requestsPerSecondMax: 500,
  /** Unary and REST requests, of all clients: each is answered whole. */
  fetchesBurstMax: 10_000,
  fetchesPerSecondMax: 1_000,
  /** What is remembered of nodes that poll: who they are, and what they asked for. */
  pollsBytesMax: 64 * 1024 * 1024,
  /** Clusters and localities that load is counted for, of each node; the rest is one row. */
  loadRowsMax: 1_000,
  /** The same in the metrics, over all nodes. */
  loadSeriesMax: 2_000,
  /** One answer of CSDS. */
  clientStatusBytesMax: 64 * 1024 * 1024,
  /** Of resources whose contents are in it, each once: redacting them takes time. */
  clientStatusContentsBytesMax: 8 * 1024 * 1024,
  /** Written to one stream and not yet taken by the network. */
  streamBytesMax: 1024 * 1024,
  streamsPerConnectionMax: 100,
  responseBytesBudget: 4 * 1024 * 1024,
  /** Entries of the log, and bytes of the texts that were new with them; older ones are dropped. */
  historyEntriesMax: 1_000,
  historyBytesMax: 512 * 1024 * 1024,
  /** What nodes hold beyond the accepted revision, as it is kept for the next start. */
  heldBytesMax: 32 * 1024 * 1024,
});
