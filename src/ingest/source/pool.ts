/**
 * Runs `task` over all items, at most `width` at a time, so that neither file handles nor the
 * thread pool run out. The first rejection ends it.
 */
export async function forEachPooled<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await task(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
