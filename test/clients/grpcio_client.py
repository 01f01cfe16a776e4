"""
A gRPC client without a proxy, of gRPC's C core: calls once for each line `call` on stdin, which may
name another target than the first argument, and for `status` tells where it can be asked what it
has of xDS (ClientStatusDiscoveryService).
"""

import sys
from concurrent import futures

import grpc
from grpc._cython import cygrpc

CALL_S_MAX = 60

channels = {}


def call(target):
    channel = channels.setdefault(target, grpc.insecure_channel(target))
    return channel.unary_unary("/helve.test.Who/Are")(b"x", timeout=CALL_S_MAX).decode()


def serve_status():
    """The C core writes the answer itself; grpcio-csds would do the same."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    fetch = grpc.unary_unary_rpc_method_handler(lambda request, context: cygrpc.dump_xds_configs())
    service = "envoy.service.status.v3.ClientStatusDiscoveryService"
    handler = grpc.method_handlers_generic_handler(service, {"FetchClientStatus": fetch})
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


status = None
for line in sys.stdin:
    word, *rest = line.split()
    if word == "status":
        status = status or serve_status()
        print(f"127.0.0.1:{status[1]}", flush=True)
        continue
    if word != "call":
        continue
    try:
        print(call(rest[0] if rest else sys.argv[1]), flush=True)
    except grpc.RpcError as error:
        print("error", error.code().name, error.details().replace("\n", " "), flush=True)
