import { LIMITS, type Mono } from '../../base/index.ts';

/** So many at once, and so many a second from then on. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket: bounds what a peer may make helve do, however fast it asks. */
export interface Bucket {
  /** True where one more is within the rate, and counts it. */
  takes(now: Mono): boolean;
}

/** For the streams that begin. */
export const streamBucket = (burst: number = LIMITS.streamsBurstMax): Bucket =>
  createBucket({ perSecond: LIMITS.streamsPerSecondMax, burst });

/** For requests that belong to no stream: streams are refused for none of them. */
export const fetchBucket = (burst: number = LIMITS.fetchesBurstMax): Bucket =>
  createBucket({ perSecond: LIMITS.fetchesPerSecondMax, burst });

export function createBucket({ perSecond, burst }: Rate): Bucket {
  let left = burst;
  let at: Mono | null = null;
  return {
    takes: (now) => {
      if (at !== null) left = Math.min(burst, left + ((now - at) / 1000) * perSecond);
      at = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
