import {
  CART,
  LISTENER,
  ROUTE,
  cluster,
  listener,
  one,
  route,
  type Case,
} from './reliability-case.ts';

/** Fields that do not exist, and values that no field takes. */
export const SCHEMA_CASES: readonly Case[] = [
  {
    id: 'S1',
    what: 'a field with a typo',
    files: route('to: [{cluster: cart, wieght: 5}]'),
    found: [
      'a.yaml:4:22 SCHEMA_UNKNOWN_FIELD "wieght" does not exist here; did you mean "weight"?',
    ],
  },
  {
    id: 'S2',
    what: 'a kind that is none',
    files: one('kind: Rout\nname: a\n'),
    found: ['a.yaml:1:7 SCHEMA_KIND the kind "Rout" does not exist; did you mean "Route"?'],
  },
  {
    id: 'S2',
    what: 'a language of tomorrow',
    files: { 'helve.yaml': 'language: 2\n', 'a.yaml': `${LISTENER}to: 10.0.0.1:80\n` },
    found: ['helve.yaml:1:11 LANGUAGE_VERSION this version of helve reads language 1 only, got 2'],
  },
  {
    id: 'S3',
    what: 'a target without its cluster',
    files: route('to: [{weight: 5}]'),
    found: ['a.yaml:4:6 SCHEMA_REQUIRED the field "cluster" is missing in "to.0"; add it'],
  },
  ...(
    [
      ['0', 'SCHEMA_RANGE "port" must be at least 1, got 0'],
      ['65536', 'SCHEMA_RANGE "port" must be at most 65535, got 65536'],
      ['"80"', 'SCHEMA_TYPE expected a number, got the string "80"; remove the quotes'],
    ] as const
  ).map(([port, words]): Case => ({
    id: 'S4',
    what: `port ${port}`,
    files: one(`kind: Listener\nname: web\nport: ${port}\n`),
    found: [`a.yaml:3:7 ${words}`],
  })),
  ...(
    [
      ['5', 'the number 5 is not a duration; write e.g. 250ms, 3s, 5m, 1h, 1d'],
      ['-1s', '"-1s" is not a duration; write e.g. 250ms'],
      ['1y', '"1y" is not a duration; write e.g. 250ms'],
      ['0.0001ms', '"0.0001ms" is not a duration; write e.g. 250ms'],
    ] as const
  ).map(([timeout, words]): Case => ({
    id: 'S5',
    what: `timeout ${timeout}`,
    files: route(`to: cart\ntimeout: ${timeout}`),
    found: [`a.yaml:5:10 SCHEMA_DURATION ${words}`],
  })),
  ...(
    [
      ['https://a.example', '"https://a.example" has a scheme; write only the host, "a.example"'],
      ['a b.example', '"a b.example" has a space; remove it'],
      ['_', '"_" is not a host name; use a-z, 0-9, _ and - in labels'],
      [`${'a.'.repeat(127)}example`, 'is longer than 253 characters; shorten it'],
      [`${'a'.repeat(64)}.example`, 'is longer than 63 characters; shorten it'],
      ['a.*.example', '"*" stands alone or as the whole first label, as in *.example.com'],
      ['xn--0.example', '"xn--0.example" is not a host name; check its characters'],
    ] as const
  ).map(([host, words]): Case => ({
    id: 'S6',
    what: `host ${host.slice(0, 20)}`,
    files: one(`kind: Route\nname: shop\nhosts: ["${host}"]\nto: cart\n`),
    found: [`a.yaml:3:9 SCHEMA_HOST ${words}`],
  })),
  ...(
    [
      ['010.0.0.1', '"010.0.0.1" is not an IP address; write four numbers without leading zeros'],
      ['1.2.3', '"1.2.3" is not an IP address; write four numbers'],
      ['fe80::1%eth0', '"fe80::1%eth0" has a zone; write the address without it'],
      ['::ffff:10.0.0.1', '"::ffff:10.0.0.1" is an IPv4 address in disguise; write 10.0.0.1'],
    ] as const
  ).map(([address, words]): Case => ({
    id: 'S7',
    what: `address ${address}`,
    files: one(`kind: Listener\nname: web\nport: 8080\naddress: "${address}"\n`),
    found: [`a.yaml:4:10 SCHEMA_IP ${words}`],
  })),
  ...(
    [
      ['10.0.0.1/8', '"10.0.0.1/8" is not where a range begins; write 10.0.0.0/8 for the range'],
      ['10.0.0.0/33', '"10.0.0.0/33" is not a range; write 10.0.0.0/0 to 10.0.0.0/32'],
    ] as const
  ).map(([range, words]): Case => ({
    id: 'S8',
    what: `range ${range}`,
    files: route(`to: cart\nauthorize: {allow: [{address: ${range}}]}`),
    found: [`a.yaml:5:31 SCHEMA_CIDR ${words}`],
  })),
  ...(
    [
      ['cart', '"cart" does not begin with /; write a whole path'],
      ['/cart#top', 'a path has no "#", got "/cart#top"; cut it off there'],
      ['/cart?a=1', 'a path has no "?", got "/cart?a=1"; cut it off there'],
      ['/%2e%2e/a', '"%2e" is undone before matching; write "."'],
      ['//cart', '"//cart" has //, which is merged before matching; write one /'],
    ] as const
  ).map(([path, words]): Case => ({
    id: 'S9',
    what: `path ${path}`,
    files: route(`to: cart\nmatch: {path: "${path}"}`),
    found: [`a.yaml:5:15 SCHEMA_PATH ${words}`],
  })),
  ...(
    [
      ['x tenant', '"x tenant" is not a header name; use letters, digits and -'],
      ['x:tenant', '"x:tenant" is not a header name; use letters, digits and -'],
      [':Path', '":Path" is a part of the request line; use methods, hosts or the path'],
    ] as const
  ).map(([name, words]): Case => ({
    id: 'S10',
    what: `header ${name}`,
    files: route(`to: cart\nmatch: {headers: {"${name}": a}}`),
    found: [`a.yaml:5:19 SCHEMA_HEADER_NAME ${words}`],
  })),
  {
    id: 'S11',
    what: 'a header value of two lines',
    files: route('to: cart\nheaders: {request: {set: {x-a: "b\\r\\nc: d"}}}'),
    found: [
      'a.yaml:5:32 SCHEMA_HEADER_VALUE the value holds the control character "\\r"; remove it',
    ],
  },
  ...(
    [
      ['/a(?!b)', 'the expression "/a(?!b)" has a look-around at offset 2, which RE2 lacks'],
      ['/(a)\\1', 'has the back-reference "\\1" at offset 4, which RE2 lacks'],
      ['/[a', 'has an unclosed "[" at offset 1; close it'],
    ] as const
  ).map(([regex, words]): Case => ({
    id: 'S12',
    what: `regex ${regex}`,
    files: route(`to: cart\nmatch: {regex: '${regex}'}`),
    found: [`a.yaml:5:16 REGEX_UNSUPPORTED ${words}`],
  })),
  ...(
    [
      ['(a{1000}){1000}', 'has counts inside of "{1000}" that make 1000000, and RE2 takes 1000'],
      ['/a{1001}', 'has the count "{1001}" at offset 2; RE2 takes at most 1000'],
      ['/a{200}', 'compiles to 205 instructions, and Envoy takes 100'],
    ] as const
  ).map(([regex, words]): Case => ({
    id: 'S13',
    what: `regex ${regex}`,
    files: route(`to: cart\nmatch: {headers: {x-a: {not: {regex: '${regex}'}}}}`),
    found: [`a.yaml:5:38 REGEX_TOO_COMPLEX ${words}`],
  })),
  ...([99, 700] as const).map((status): Case => ({
    id: 'S14',
    what: `status ${status}`,
    files: route(`respond: {status: ${status}}`),
    found: [`a.yaml:4:19 SCHEMA_RANGE "respond.status" must be at `],
  })),
  {
    id: 'S14',
    what: 'a long answer',
    files: route(`respond: {status: 200, body: ${'a'.repeat(70_000)}}`),
    found: ['a.yaml:4:30 SCHEMA_RANGE the body has 70000 bytes'],
  },
  ...(
    [
      ['a/../b', 'no empty, . or .. between /'],
      ['"a*"', 'the name "a*" is not allowed; use a-z, 0-9, . _ / and -'],
      ['""', 'the name is empty; write one of a-z'],
      ['a'.repeat(254), 'the name is longer than 200 characters; shorten it'],
      ['Cart', 'the name "Cart" is not allowed; use a-z, 0-9, . _ / and -'],
      ['"cafe\\u0301"', 'is not allowed; use a-z, 0-9, . _ / and -'],
      ['c\u0430rt', 'is not allowed; use a-z, 0-9, . _ / and -'],
    ] as const
  ).map(([name, words]): Case => ({
    id: 'S15',
    what: `name ${name.slice(0, 12)}`,
    files: one(`kind: Cluster\nname: ${name}\nendpoints: [10.0.0.1:80]\n`),
    found: [`a.yaml:2:7 NAME_INVALID ${words}`],
  })),
  {
    id: 'S15',
    what: 'names that look alike',
    files: {
      'a.yaml': `${CART}---\nkind: Cluster\nname: ca-rt\nendpoints: [10.0.0.2:80]\n`,
      'b.yaml': 'kind: Cluster\nname: ca.rt\nendpoints: [10.0.0.2:80]\n',
      'web.yaml': `${LISTENER}to: cart\n`,
      'shop.yaml': `${ROUTE}to: {ca-rt: 1, ca.rt: 1}\n`,
    },
    found: [
      'b.yaml:2:7 NAME_CONFUSABLE the Cluster "ca.rt" differs from "ca-rt" by . _ or - alone',
    ],
  },
  ...(
    [
      [-1, 'must be at least 1, got -1'],
      [1_000_000, 'must be at most 10, got 1000000'],
    ] as const
  ).map(([times, words]): Case => ({
    id: 'S16',
    what: `${times} retries`,
    files: route(`to: cart\nretry: {times: ${times}}`),
    found: [`a.yaml:5:16 SCHEMA_RANGE "retry.times" ${words}`],
  })),
  ...(['timeouts', 'endpoints'] as const).map((field): Case => ({
    id: 'S17',
    what: `null for ${field}`,
    files: one(`kind: Cluster\nname: cart\n${field}:\n`),
    found: [`a.yaml:3:${field.length + 1} SCHEMA_NULL "${field}" is null; remove the key`],
  })),
  ...(
    [
      ['101%', 'SCHEMA_RANGE 101% is more than 100%; write a smaller one'],
      ['-0.1', 'SCHEMA_PERCENT the number -0.1 is not a percentage; write e.g. 5%'],
    ] as const
  ).map(([panic, words]): Case => ({
    id: 'S18',
    what: panic,
    files: cluster(`endpoints: [10.0.0.1:80]\npanic: ${panic}`),
    found: [`a.yaml:4:8 ${words}`],
  })),
  ...(['Round_Robin', 'ROUND_ROBIN'] as const).map((word): Case => ({
    id: 'S19',
    what: word,
    files: cluster(`endpoints: [10.0.0.1:80]\nloadBalancer: ${word}`),
    found: [
      'a.yaml:4:15 SCHEMA_ENUM expected one of round-robin, least-request, random, ring-hash, ' +
        `maglev or a map, got the string "${word}"; did you mean "round-robin"?`,
    ],
  })),
  {
    id: 'S19',
    what: 'a word of another product',
    files: cluster('endpoints: [10.0.0.1:80]\nloadBalancer: leastconn'),
    found: ['a.yaml:4:15 SCHEMA_ENUM expected one of round-robin, least-request, random'],
  },
  {
    id: 'S19',
    what: 'Http',
    files: listener('to: 10.0.0.1:80\nprotocol: Http'),
    found: ['a.yaml:6:11 SCHEMA_ENUM expected one of http, https, tcp, tls, udp, got the string'],
  },
];
