import { readMessage, textOf } from '../../xds/index.ts';

/** The files of a FileDescriptorSet, by their names and by what is in them. */
export interface Descriptors {
  file(name: string): Uint8Array | null;
  /** The file that has a message, enum, service or method, by its full name. */
  fileOf(symbol: string): Uint8Array | null;
}

/** `google.protobuf.FileDescriptorSet`. */
export function indexDescriptors(set: Uint8Array): Descriptors {
  const files = new Map<string, Uint8Array>();
  const symbols = new Map<string, Uint8Array>();
  readMessage(set, { 1: (file) => indexFile(file, files, symbols) });
  return {
    file: (name) => files.get(name) ?? null,
    fileOf: (symbol) => {
      // A field, a value of an enum or a method is in the file of what has it.
      for (
        let name = symbol;
        name !== '';
        name = name.slice(0, Math.max(0, name.lastIndexOf('.')))
      ) {
        const found = symbols.get(name);
        if (found !== undefined) return found;
      }
      return null;
    },
  };
}

function indexFile(
  file: Uint8Array,
  files: Map<string, Uint8Array>,
  symbols: Map<string, Uint8Array>,
): void {
  let packageName = '';
  const add = (inner: Uint8Array): void => {
    const name = nameIn(inner);
    symbols.set(packageName === '' ? name : `${packageName}.${name}`, file);
  };
  readMessage(file, {
    1: (name) => files.set(textOf(name), file),
    2: (name) => (packageName = textOf(name)),
  });
  // Messages, enums and services: what is nested in them is found by their names.
  readMessage(file, { 4: add, 5: add, 6: add });
}

/** `name` has the number 1 in the descriptors of all of them. */
function nameIn(descriptor: Uint8Array): string {
  let name = '';
  readMessage(descriptor, { 1: (text) => (name = textOf(text)) });
  return name;
}
