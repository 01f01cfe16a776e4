/**
 * Sockets: the xDS transport, the registry of clients (the one mutable map), and admin HTTP
 * against a declared port. It must not know files, documents or the compiler.
 */
export * from './admin-port.ts';
