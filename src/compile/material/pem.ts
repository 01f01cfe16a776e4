import { DER } from './der.ts';

/** One PEM block. */
export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`, … */
  readonly label: string;
  /** In its one canonical form: LF, 64 characters a line. */
  readonly text: string;
  readonly isEncrypted: boolean;
}

export type PemText =
  | { readonly kind: 'blocks'; readonly blocks: readonly PemBlock[] }
  | { readonly kind: 'empty' }
  /** DER or PKCS#12. */
  | { readonly kind: 'binary' }
  /** Not PEM at all, or cut short. */
  | { readonly kind: 'broken'; readonly why: string };

/**
 * Takes a PEM file apart. Text between the blocks is allowed, as openssl writes it, but nothing
 * that could be the rest of a block: a file that was cut is never taken for a shorter chain, unless
 * it was cut exactly between two blocks.
 */
export function readPem(bytes: Uint8Array): PemText {
  if (isBinary(bytes)) return { kind: 'binary' };
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === '') return { kind: 'empty' };
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly body: string[] } | null = null;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (!line.startsWith('-')) {
      open?.body.push(line);
      continue;
    }
    const [, edge, label = ''] = EDGE.exec(line) ?? [];
    if (edge === undefined || (edge === 'BEGIN') !== (open === null)) return CUT;
    if (open === null) {
      open = { label, body: [] };
      continue;
    }
    if (label !== open.label) return CUT;
    const block = blockOf(label, open.body);
    if (block === null) return { kind: 'broken', why: `a block ${label} is not Base64` };
    blocks.push(block);
    open = null;
  }
  if (open !== null) return CUT;
  return blocks.length === 0 ? NONE : { kind: 'blocks', blocks };
}

const CUT: PemText = { kind: 'broken', why: 'a block is cut short' };
const NONE: PemText = { kind: 'broken', why: 'it has no block' };
const EDGE = /^-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----$/;
const ENCRYPTED_HEADER = /^Proc-Type:.*ENCRYPTED/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function blockOf(label: string, body: readonly string[]): PemBlock | null {
  const isEncrypted = label.startsWith('ENCRYPTED') || body.some((l) => ENCRYPTED_HEADER.test(l));
  // The text of an encrypted key is of no use to anybody.
  if (isEncrypted) return { label, text: '', isEncrypted };
  const base64 = body.join('').replace(/\s/g, '');
  return BASE64.test(base64) ? { label, text: toPem(label, base64), isEncrypted } : null;
}

/** A block in its one canonical form. */
export function toPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** DER begins with a SEQUENCE of a long form: its second byte is no character of a text. */
const isBinary = (bytes: Uint8Array): boolean =>
  bytes[0] === DER.sequence && (bytes[1] ?? 0) >= 0x80;
