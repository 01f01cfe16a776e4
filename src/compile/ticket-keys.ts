import type { NativeDocument } from '../model/index.ts';
import { notFound } from './found.ts';
import { emitLowered, refuse, tell, type KindContext } from './kinds/kind.ts';
import { genericSecretName, lowerTicketKeys, ticketSecretName } from './lower/secret.ts';

/** All keys of a listener's session tickets in one resource, so that no change of them drains. */
export function emitTicketKeys(
  context: KindContext,
  { id, name, value }: NativeDocument<'Listener'>,
): void {
  const { graph, read, secrets } = context;
  const tickets = value.tls?.tickets ?? [];
  if (tickets.length === 0) return;
  const subject = `listener "${name}"`;
  const at = (index: number): { readonly doc: typeof id; readonly pointer: string } => ({
    doc: id,
    pointer: `/tls/sessionTickets/${index}`,
  });
  for (const [index, secret] of tickets.entries()) {
    if (read(graph.documents, `Secret/${secret}`).length > 0) continue;
    const missing = { type: 'Secret', name: secret, noun: 'secret', subject };
    tell(context, [notFound(at(index), missing)]);
  }
  const keys = tickets.flatMap((secret) => read(secrets, secret).secret ?? []);
  if (keys.length < tickets.length) {
    refuse(context, { type: 'Secret', name: ticketSecretName(name) });
    return;
  }
  // No Envoy asks for the secrets themselves; who may use them is checked as for any other.
  const references = tickets.map((secret, index) => ({
    to: { type: 'Secret' as const, name: genericSecretName(secret) },
    origin: at(index),
    subject,
  }));
  const origin = { doc: id, pointer: '/tls/sessionTickets' };
  emitLowered(context, lowerTicketKeys(name, keys, { origin, references }));
}
