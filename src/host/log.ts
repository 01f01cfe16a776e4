import { type DestinationStream, pino } from 'pino';
import { redactPem } from '../base/index.ts';
import { humanLine } from './human-line.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What machines read beside the text. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The log of the serving process. Texts are for people; PEM blocks are redacted here. */
export interface Log {
  readonly debug: (text: string, fields?: LogFields) => void;
  readonly info: (text: string, fields?: LogFields) => void;
  readonly warn: (text: string, fields?: LogFields) => void;
  readonly error: (text: string, fields?: LogFields) => void;
  /** A bug of helve or of its surroundings: `cause` with its stack. */
  readonly fault: (text: string, cause: unknown) => void;
  /** Writes out what is buffered. */
  readonly flush: () => void;
}

const BUFFER_BYTES_MAX = 4 * 1024 * 1024;

/** Lines of JSON on stderr; lines for people where stderr is a terminal. `to`: elsewhere. */
export function openLog(level: LogLevel, to: ((line: string) => void) | null): Log {
  const { stream, flush } = to === null ? stderrStream() : { stream: { write: to }, flush: idle };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  const write =
    (at: Exclude<LogLevel, 'silent'>) =>
    (text: string, fields: LogFields = {}): void => {
      logger[at](redacted(fields), redactPem(text));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fault: (text, cause) => {
      const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      write('error')(`${text}: ${stack}`, { event: 'fault' });
    },
    flush,
  };
}

const idle = (): void => undefined;

function stderrStream(): { readonly stream: DestinationStream; readonly flush: () => void } {
  if (process.stderr.isTTY) {
    const hasColors = (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
    const write = (line: string): void => {
      process.stderr.write(humanLine(line, hasColors));
    };
    return { stream: { write }, flush: idle };
  }
  // Asynchronous: a reader of the log that stops must not stop the server.
  const stream = pino.destination({ fd: 2, sync: false, maxLength: BUFFER_BYTES_MAX });
  stream.on('error', idle);
  const flush = (): void => {
    try {
      stream.flushSync();
    } catch {
      // Nobody reads the log any more.
    }
  };
  return { stream, flush };
}

/** Strings at any depth; what Envoys say can hold keys. */
function redacted(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, redact(value)]));
}

function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactPem(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return redacted(Object.fromEntries(Object.entries(value)));
}
