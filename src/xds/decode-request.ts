import { invariant } from '../base/index.ts';
import type { Request, Wire } from './request.ts';

export type Decoded =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly why: string };

export function decodeRequest(
  _wire: Wire,
  _bytes: Uint8Array,
  _options: { readonly withNode: boolean },
): Decoded {
  invariant(false, 'not built yet');
}
