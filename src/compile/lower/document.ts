import type { KindName, NativeDocument } from '../../model/index.ts';

/** The documents of one kind. */
export type DocumentOf<Kind extends KindName> = Extract<NativeDocument, { readonly kind: Kind }>;
