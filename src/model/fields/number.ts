import { z } from 'zod';

/** An integer between two bounds, both included. */
export const integer = (min: number, max: number): z.ZodInt => z.int().min(min).max(max);

/** A TCP port. */
export const portField = integer(1, 65_535).meta({
  description: 'A port, 1 to 65535.',
  examples: [8080],
});

/** What Envoy's weights hold, and what their sum may be. */
export const WEIGHT_MAX = 4_294_967_295;
