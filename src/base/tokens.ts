/** Whether a text has in it what looks like a key of some service: nobody names a field so. */
export const hasToken = (text: string): boolean => redactTokens(text) !== text;

/** The same with each of those as `[redacted]`. */
export const redactTokens = (text: string): string => replaced(text, () => '[redacted]');

/** The same with each of those as stars, so that all else stays where it is. */
export const maskTokens = (text: string): string =>
  replaced(text, (token) => '*'.repeat(token.length));

const WORD = /[A-Za-z0-9][A-Za-z0-9_.+/=-]{14,}/g;

const replaced = (text: string, by: (token: string) => string): string =>
  text.replace(WORD, (word) => (isToken(word) ? by(word) : word));

const isToken = (word: string): boolean =>
  PREFIXED.test(word) || (word.match(RUN) ?? []).some(isRandom);

/** What services begin their keys with, and enough behind it. */
const PREFIXED = new RegExp(
  `(?:^|[^A-Za-z0-9])(?:${[
    '[spr]k[-_](?:live|test|prod|proj|ant|or|svcacct)[-_][A-Za-z0-9]',
    'gh[oprsu]_[A-Za-z0-9]{16}',
    'github_pat_[A-Za-z0-9]{10}',
    'gl[a-z]{2,5}-[A-Za-z0-9_-]{16}',
    'xox[a-z]-[A-Za-z0-9]',
    'xapp-[0-9]-',
    'A(?:KIA|SIA|ROA|IDA)[A-Z0-9]{12}',
    'AIza[A-Za-z0-9_-]{20}',
    'ya29\\.[A-Za-z0-9_-]{10}',
    'eyJ[A-Za-z0-9_-]{8,}\\.eyJ',
    'npm_[A-Za-z0-9]{20}',
    'pypi-[A-Za-z0-9_-]{20}',
    'hf_[A-Za-z0-9]{20}',
    'dop_v1_[0-9a-f]{16}',
    'SG\\.[A-Za-z0-9_-]{16}',
    'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16}',
    'hv[bs]\\.[A-Za-z0-9_-]{16}',
    'whsec_[A-Za-z0-9+/]{16}',
  ].join('|')})`,
);

const RUN = /[A-Za-z0-9]{20,}/g;
const HEX_DIGITS_MIN = 32;
const DIGITS_MIN = 3;
/** Of all neighbours, those of other classes (a digit beside a letter, an upper beside a lower). */
const CHANGES_MIN = 0.3;

/** Words change between upper and lower case at their beginnings, and have few digits. */
function isRandom(run: string): boolean {
  const digits = run.replace(/\D/g, '').length;
  if (digits < DIGITS_MIN || digits === run.length) return false;
  if (run.length >= HEX_DIGITS_MIN && /^(?:[\da-f]+|[\dA-F]+)$/.test(run)) return true;
  const changes = run.match(/\d(?=\D)|[a-z](?=[^a-z])|[A-Z](?=[^A-Z])/g)?.length ?? 0;
  return changes / (run.length - 1) >= CHANGES_MIN;
}
