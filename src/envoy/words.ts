import { redactWords } from '../base/index.ts';

/** What an Envoy wrote, without the prefixes of its log, each line once; secrets redacted. */
export function envoyWords(output: string): string {
  const lines = redactWords(output)
    .split('\n')
    .map((line) =>
      line.replace(/^\[[^\]]*\]\[[^\]]*\]\[[^\]]*\]\[[^\]]*\] (\[[^\]]*\] )?/, '').trim(),
    )
    .filter((line) => line !== '');
  return [...new Set(lines)].join('\n');
}
