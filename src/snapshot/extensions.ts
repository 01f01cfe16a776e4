import { LIMITS } from '../base/index.ts';

/** What a client has built in and switched on. Interned: equal lists of a fleet are one object. */
export interface Extensions {
  /** `envoy.filters.http.router`. */
  readonly names: ReadonlySet<string>;
  /** Full names of the messages that configure them; empty: the client does not say. */
  readonly types: ReadonlySet<string>;
}

/** Lists by what they say. It holds them weakly: one that no node has is forgotten. */
export interface ExtensionLists {
  /** The list under `key`, decoded where it is not known; null where there are too many. */
  get(key: string, decode: () => Extensions): Extensions | null;
  /** How many there are. */
  size(): number;
}

/** `max` is how many may differ at one time: memory does not grow with a fleet that lies. */
export function createExtensionLists(max: number = LIMITS.extensionListsMax): ExtensionLists {
  const lists = new Map<string, WeakRef<Extensions>>();
  const collected = new FinalizationRegistry((key: string) => {
    if (lists.get(key)?.deref() === undefined) lists.delete(key);
  });
  return {
    get: (key, decode) => {
      const known = lists.get(key)?.deref();
      if (known !== undefined) return known;
      if (lists.size >= max && !lists.has(key)) return null;
      const fresh = Object.freeze(decode());
      lists.set(key, new WeakRef(fresh));
      collected.register(fresh, key);
      return fresh;
    },
    size: () => lists.size,
  };
}
