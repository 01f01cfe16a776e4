/** Where an upstream is, or a listener listens. */
export type Address =
  | { readonly kind: 'ip'; readonly ip: string; readonly port: number }
  | { readonly kind: 'host'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };
