/** What a refinement says once more in JSON Schema, for editors: exactly one of these fields. */
export const exactlyOne = (names: readonly string[]) => ({
  oneOf: names.map((name) => ({ required: [name] })),
});

/** The same: no two of these fields. */
export const atMostOne = (names: readonly string[]) => ({
  not: {
    anyOf: names.flatMap((name, index) =>
      names.slice(index + 1).map((other) => ({ required: [name, other] })),
    ),
  },
});

/** The same: one field, whichever. */
export const ONE_FIELD = { minProperties: 1, maxProperties: 1 } as const;

/** An IP address, roughly. */
export const IP_FORM = '^[0-9a-fA-F:.]+$';
