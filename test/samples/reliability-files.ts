import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CART, LISTENER, listener, one, route, type Case } from './reliability-case.ts';

/** What documents name: other documents, files and variables. */
export const FILES_CASES: readonly Case[] = [
  {
    id: 'R1',
    what: 'a route to no cluster',
    files: route('to: crat'),
    found: [
      'a.yaml:4:5 REF_NOT_FOUND cluster "crat" does not exist; did you mean "cart"? (cart.yaml:2)',
    ],
  },
  {
    id: 'R3',
    what: 'a listener to no certificate',
    files: listener('to: 10.0.0.1:80\ntls: {certificates: [shop]}'),
    found: ['a.yaml:6:22 REF_NOT_FOUND listener "web": certificate "shop" does not exist'],
  },
  {
    id: 'R5',
    what: 'members that lead back',
    files: {
      'a.yaml': 'kind: Cluster\nname: one\nmembers: [two]\n',
      'b.yaml': 'kind: Cluster\nname: two\nmembers: [one]\n',
      'web.yaml': `${LISTENER}to: one\n`,
    },
    found: ['a.yaml:3:11 REF_CYCLE cluster "one": its members lead back to it: one → two → one'],
  },
  {
    id: 'R7',
    what: 'a path that leaves the folder',
    files: one('kind: Secret\nname: key\nfile: ../../key\n'),
    found: ['a.yaml:3:7 PATH_ESCAPE ../../key: '],
  },
  {
    id: 'R7',
    what: 'an absolute path outside of it',
    files: one('kind: Secret\nname: key\nfile: /etc/hostname\n'),
    found: ['a.yaml:3:7 PATH_ESCAPE /etc/hostname: /etc/hostname is outside the source'],
  },
  {
    id: 'R8',
    what: 'a link that leaves the folder',
    files: one('kind: Secret\nname: key\nfile: key\n'),
    prepare: (source) => symlinkSync('/etc/hostname', join(source, 'key')),
    found: ['a.yaml:3:7 PATH_ESCAPE key: /etc/hostname is outside the source; move the file'],
  },
  {
    id: 'R8',
    what: 'a link in a loop',
    files: one('kind: Secret\nname: key\nfile: key\n'),
    prepare: (source) => {
      symlinkSync('key', join(source, 'key'));
    },
    found: ['a.yaml:3:7 PATH_LOOP key: symbolic links form a loop; break the loop'],
  },
  ...(
    [
      ['a directory', (path: string) => mkdirSync(path)],
      ['a FIFO, which nobody writes', (path: string) => execFileSync('mkfifo', [path])],
      ['a device', (path: string) => symlinkSync('/dev/zero', path)],
    ] as const
  ).map(([what, make]): Case => ({
    id: 'R9',
    what,
    files: one('kind: Secret\nname: key\nfile: key\n'),
    prepare: (source) => {
      make(join(source, 'key'));
    },
    found: [
      what === 'a device'
        ? 'a.yaml:3:7 PATH_ESCAPE key: /dev/zero is outside the source; move the file'
        : 'a.yaml:3:7 FILE_NOT_REGULAR key: it is not a regular file; name a regular file',
    ],
  })),
  {
    id: 'R9',
    what: 'a FIFO as a document',
    files: one(`${LISTENER}to: 10.0.0.1:80\n`),
    prepare: (source) => {
      execFileSync('mkfifo', [join(source, 'b.yaml')]);
    },
    found: ['b.yaml:1:1 FILE_NOT_REGULAR b.yaml: it is not a regular file'],
  },
  {
    id: 'R10',
    what: 'a file that is not there',
    files: one('kind: Secret\nname: key\nfile: key\n'),
    found: ['a.yaml:3:7 FILE_UNREADABLE key: it does not exist (ENOENT); check the path'],
  },
  {
    id: 'R12',
    what: 'a name twice',
    files: { 'a.yaml': CART, 'b.yaml': CART, 'web.yaml': `${LISTENER}to: cart\n` },
    found: [
      'b.yaml:2:7 NAME_DUPLICATE two documents define the Cluster "cart"; rename or delete one',
    ],
  },
  {
    id: 'R13',
    what: 'an environment variable that is not set',
    files: one('kind: Secret\nname: key\nenv: HELVE_TEST_UNSET\n'),
    found: ['a.yaml:3:6 VAR_UNDEFINED '],
  },
  ...(
    [
      ['to: ${SHOP}', 'a.yaml:4:5', '"${SHOP}" stays as it is'],
      ['to: "{{ .Values.shop }}"', 'a.yaml:4:5', '"{{ .Values.shop }}" stays as it is'],
      ['to: {"${SHOP}": 1}', 'a.yaml:4:6', '"${SHOP}" stays as it is'],
      ['to: $SHOP', 'a.yaml:4:5', '"$SHOP" stays as it is'],
      ['to: {{ .Values.shop }}', 'a.yaml:4:6', '"{{" is a map in a map here'],
      ['to: cart\ntimeout: ${TIMEOUT:-3s}', 'a.yaml:5:10', '"${TIMEOUT:-3s}" stays as it is'],
      ['to: cart\npriority: ${PRIORITY}', 'a.yaml:5:11', '"${PRIORITY}" stays as it is'],
      ['to: cart\nretry: ${RETRY}', 'a.yaml:5:8', '"${RETRY}" stays as it is'],
    ] as const
  ).map(([rest, place, words]): Case => ({
    id: 'R13',
    what: rest,
    files: route(rest),
    found: [`${place} TEXT_NOT_EXPANDED ${words}`],
  })),
  {
    id: 'R13',
    what: 'a variable where any text may stand',
    files: route('to: cart\nheaders: {request: {set: {x-a: "${TENANT}"}}}\ndescription: ${X}'),
    found: ['a.yaml:5:32 TEXT_NOT_EXPANDED "${TENANT}" is sent as it is'],
  },
];
