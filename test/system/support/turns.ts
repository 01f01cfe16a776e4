/**
 * Variants that each have their own helve and Envoys run at once, since they wait most of the time;
 * the tests of one run in turn.
 */
export const AT_ONCE = { concurrent: true } as const;
export const IN_TURN = { concurrent: false } as const;
