/** What helve says of one bad input: all of it, each finding by its place, its code and words. */
export interface Case {
  /** In the list of bad inputs: Y is syntax, S schema, R references and files, C conflicts. */
  readonly id: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  /** Puts there what a table cannot hold. */
  readonly prepare?: (source: string) => void;
  /** `file:line:col CODE words`, sorted as helve sorts; the words are part of the message. */
  readonly found: readonly string[];
}

export const LISTENER = 'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 8080\n';
export const ROUTE = 'kind: Route\nname: shop\nhosts: [shop.example]\n';
export const CART = 'kind: Cluster\nname: cart\nendpoints: [10.0.0.1:80]\n';

/** A document alone in its file. */
export const one = (text: string): Case['files'] => ({ 'a.yaml': text });
/** A Route beside the listener and the cluster that it needs. */
export const route = (rest: string): Case['files'] => ({
  'a.yaml': `${ROUTE}${rest}\n`,
  'web.yaml': LISTENER,
  'cart.yaml': CART,
});
export const listener = (rest: string): Case['files'] => one(`${LISTENER}${rest}\n`);
export const cluster = (rest: string): Case['files'] => ({
  'a.yaml': `kind: Cluster\nname: cart\n${rest}\n`,
  'web.yaml': `${LISTENER}to: cart\n`,
});
export const raw = (items: string): Case['files'] => one(`resources:\n${items}\n`);
