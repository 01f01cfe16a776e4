import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';

export const DEFAULT_XDS = '127.0.0.1:18000';
export const DEFAULT_ADMIN = '127.0.0.1:18001';
export const DEFAULT_PROXY_ADMIN = '127.0.0.1:9901';
export const DEFAULT_STATE = '.helve';

export type OutputFormat = 'text' | 'json';

/** `HOST:PORT`, `[::1]:PORT` or `unix:PATH`, as it stands. */
export function parseAddress(text: string): string {
  if (text.startsWith('unix:') && text.length > 'unix:'.length) return text;
  const found = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(text);
  const host = found?.[1]?.replace(/^\[(.*)\]$/, '$1') ?? '';
  const port = Number(found?.[2] ?? -1);
  if (found === null || port > 65_535 || (text.startsWith('[') && isIP(host) !== 6)) {
    throw new InvalidArgumentError('Write HOST:PORT, [::1]:PORT or unix:PATH.');
  }
  return text;
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('Write a port, 0 to 65535.');
  return port;
}

export function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (count < 0) throw new InvalidArgumentError('Write a whole number.');
  return count;
}

export function parseSeconds(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds === 0) throw new InvalidArgumentError('Write whole seconds, 1 to 9999.');
  return seconds;
}

/** For options that may be given several times. */
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const allowPathOption = (): Option =>
  new Option('--allow-path <path>', 'root outside the folder to read files from; may be repeated')
    .argParser(collect)
    .default([], 'none');

export const outputOption = (): Option =>
  new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text');

export const allOption = (what = 'finding', first = 'the first 20'): Option =>
  new Option('--all', `print every ${what}, however many`).default(false, first);

export const adminOption = (): Option =>
  new Option('--admin <address>', "the server's admin address, HOST:PORT or unix:PATH")
    .argParser(parseAddress)
    .default(DEFAULT_ADMIN, DEFAULT_ADMIN);
