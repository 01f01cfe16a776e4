const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;
const STRING_PART = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

type Closer = ']' | '}';
/** What may come next: a value, the first key or closer, and so on. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/**
 * The offset of the first character that JSON does not allow, for a text that `JSON.parse` refuses;
 * its own words carry no position in every version. The end where the text ends too early.
 */
export function jsonErrorOffset(text: string, start: number): number {
  const open: Closer[] = [];
  let expected: Expected = 'value';
  let at = skip(SPACE, text, start);
  while (at < text.length) {
    const found = text.charAt(at);
    if (found === open.at(-1) && (expected === ', or end' || expected.endsWith(found))) {
      open.pop();
      expected = ', or end';
      at += 1;
    } else if (expected === ', or end' || expected === ':') {
      const wanted: string = expected === ':' ? ':' : ',';
      if (found !== wanted || (wanted === ',' && open.length === 0)) return at;
      expected = wanted === ':' || open.at(-1) === ']' ? 'value' : 'key';
      at += 1;
    } else if (expected.startsWith('key')) {
      const end = stringEnd(text, at);
      if (!end.ok) return end.offset;
      expected = ':';
      at = end.offset;
    } else if (found === '[' || found === '{') {
      open.push(found === '[' ? ']' : '}');
      expected = found === '[' ? 'value or ]' : 'key or }';
      at += 1;
    } else {
      const end = scalarEnd(text, at);
      if (!end.ok) return end.offset;
      expected = ', or end';
      at = end.offset;
    }
    at = skip(SPACE, text, at);
  }
  return at;
}

interface End {
  readonly ok: boolean;
  /** After the token, or of what is wrong in it. */
  readonly offset: number;
}

function scalarEnd(text: string, at: number): End {
  if (text.charAt(at) === '"') return stringEnd(text, at);
  const end = Math.max(skip(NUMBER, text, at), skip(WORD, text, at));
  return { ok: end > at, offset: end };
}

function stringEnd(text: string, at: number): End {
  if (text.charAt(at) !== '"') return { ok: false, offset: at };
  const end = skip(STRING_PART, text, at + 1);
  return text.charAt(end) === '"' ? { ok: true, offset: end + 1 } : { ok: false, offset: end };
}

/** Where a sticky pattern ends that begins at `at`; `at` where it does not. */
function skip(pattern: RegExp, text: string, at: number): number {
  const sticky = new RegExp(pattern);
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : at;
}
