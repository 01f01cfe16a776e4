"""
gRPC servers without a proxy, of gRPC's C core: one at each address of the arguments, which asks by
xDS whom to serve and answers with its address. Ends with its stdin.
"""

import sys
from concurrent import futures

import grpc

servers = []
for address in sys.argv[1:]:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1), xds=True)
    answer = grpc.unary_unary_rpc_method_handler(lambda request, context, own=address: own.encode())
    handler = grpc.method_handlers_generic_handler("helve.test.Who", {"Are": answer})
    server.add_generic_rpc_handlers((handler,))
    fallback = grpc.insecure_server_credentials()
    server.add_secure_port(address, grpc.xds_server_credentials(fallback))
    server.start()
    servers.append(server)

print("started", flush=True)
sys.stdin.read()
