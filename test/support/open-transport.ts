import { openGrpcTransport } from '../../src/server/transport/grpc.ts';
import type {
  GrpcMethod,
  StreamListener,
  Transport,
  TransportOptions,
  TransportStream,
} from '../../src/server/transport/transport.ts';

/** A transport whose streams do what `behave` says, and else nothing; on loopback. */
export const openTransport = (
  methods: readonly Omit<GrpcMethod, 'open'>[],
  behave: (stream: TransportStream) => Partial<StreamListener>,
  options: Partial<TransportOptions> = {},
): Promise<Transport> =>
  openGrpcTransport({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    methods: methods.map((method) => ({
      ...method,
      open: (stream) => ({
        onMessage: () => undefined,
        onWritable: () => undefined,
        onClosed: () => undefined,
        ...behave(stream),
      }),
    })),
    ...options,
  });
