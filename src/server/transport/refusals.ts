import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import type { RefusedCall } from './transport.ts';

/** Ends that are no fault of what the client sent. */
const QUIET: ReadonlySet<number> = new Set([status.OK, status.CANCELLED, status.DEADLINE_EXCEEDED]);

/**
 * Tells of calls that grpc-js itself ends: it has no event for them. Statuses of ours come through
 * the outer call; what passes the inner one alone is its own.
 */
export const refusalWatch =
  (onRefused: (refused: RefusedCall) => void): ServerInterceptor =>
  (_method, inner) => {
    let isOurs = false;
    const send = inner.sendStatus.bind(inner);
    inner.sendStatus = (sent) => {
      const { code, details } = sent;
      if (!isOurs && !QUIET.has(code)) {
        onRefused({ peer: inner.getPeer(), code: status[code], why: details });
      }
      send(sent);
    };
    const responder = new ResponderBuilder().withSendStatus((sent, next) => {
      isOurs = true;
      next(sent);
    });
    return new ServerInterceptingCall(inner, responder.build());
  };
