import { z } from 'zod';
import type { RunningEnvoy } from '../envoy/index.ts';

const POLL_MS = 500;

const LISTENERS = z.object({
  listener_statuses: z
    .array(
      z.object({
        name: z.string(),
        local_address: z.object({
          socket_address: z.object({ address: z.string(), port_value: z.number() }).optional(),
          pipe: z.object({ path: z.string() }).optional(),
        }),
      }),
    )
    .default([]),
});

/** Calls `onChange` whenever the addresses change that an Envoy listens at, the first included. */
export function watchServedAddresses(
  envoy: Pick<RunningEnvoy, 'admin'>,
  onChange: (addresses: readonly string[]) => void,
): { stop(): void } {
  let last: string | null = null;
  const look = async (): Promise<void> => {
    const reply = await envoy.admin('/listeners?format=json').catch(() => null);
    const addresses = reply === null ? null : addressesOf(reply.body);
    if (addresses === null || addresses.join() === last) return;
    // Right after its start Envoy has not been told anything yet.
    if (last === null && addresses.length === 0) return;
    last = addresses.join();
    onChange(addresses);
  };
  const timer = setInterval(() => void look(), POLL_MS);
  void look();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Addresses of Envoy's `/listeners?format=json`, sorted; null where the text is something else. */
export function addressesOf(text: string): readonly string[] | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = LISTENERS.safeParse(json);
  if (!parsed.success) return null;
  return parsed.data.listener_statuses
    .map(({ name, local_address: local }) => {
      if (local.pipe !== undefined) return `unix:${local.pipe.path} (${name})`;
      const { address = '?', port_value: port = 0 } = local.socket_address ?? {};
      return `${address.includes(':') ? `[${address}]` : address}:${port} (${name})`;
    })
    .sort();
}
