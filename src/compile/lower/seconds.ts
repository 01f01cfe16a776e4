/** Milliseconds as a ProtoJSON Duration. */
export const seconds = (ms: number): `${number}s` => `${ms / 1000}s`;
