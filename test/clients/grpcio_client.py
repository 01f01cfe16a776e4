"""A gRPC client without a proxy, of gRPC's C core: calls once for each line on stdin."""

import sys

import grpc

CALL_S_MAX = 60

channel = grpc.insecure_channel(sys.argv[1])
call = channel.unary_unary("/helve.test.Who/Are")
for line in sys.stdin:
    if line.strip() != "call":
        continue
    try:
        print(call(b"x", timeout=CALL_S_MAX).decode(), flush=True)
    except grpc.RpcError as error:
        print("error", error.code().name, error.details(), flush=True)
