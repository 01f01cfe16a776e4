import { hasToken, isCredentialName } from '../../base/index.ts';
import { pointerTo } from '../yaml/pointer.ts';

/** Commands of Envoy, and what schemes of HTTP begin a credential with. */
const COMMANDS = /%[A-Z0-9_]+(?:\(.*?\))?(?::[0-9]+)?%/g;
const SCHEME = /^\s*(?:basic|bearer|token|apikey|digest|negotiate)\s+/i;
const ENOUGH = /[A-Za-z0-9]{4}/;

interface Written {
  readonly set: Readonly<Record<string, string>>;
  readonly add: Readonly<Record<string, string>>;
}

export interface HeaderCredential {
  readonly pointer: string;
  readonly message: string;
}

/**
 * A credential that stands in the text of a document goes with it into every repository, log of
 * changes and dump of an Envoy. There is a command that reads it where the Envoy runs.
 */
export const headerCredentials = (
  { set, add }: Written,
  pointer: string,
): readonly HeaderCredential[] =>
  Object.entries({ set, add }).flatMap(([field, values]) =>
    Object.entries(values)
      .filter(([name, value]) => isCredential(name, value))
      .map(([name]) => ({
        pointer: pointerTo(pointer, field, name),
        message:
          `the header "${name}" has a credential in the text of the document; set a variable ` +
          'where the Envoys start, and write %ENVIRONMENT(NAME)% for it',
      })),
  );

function isCredential(name: string, value: string): boolean {
  const text = value.replaceAll(COMMANDS, ' ');
  return hasToken(text) || (isCredentialName(name) && ENOUGH.test(text.replace(SCHEME, '')));
}
