import { redactPem } from '../base/index.ts';

/** What an Envoy wrote, without the prefixes of its log, each line once; PEM blocks redacted. */
export function envoyWords(output: string): string {
  const lines = redactPem(output)
    .split('\n')
    .map((line) =>
      line.replace(/^\[[^\]]*\]\[[^\]]*\]\[[^\]]*\]\[[^\]]*\] (\[[^\]]*\] )?/, '').trim(),
    )
    .filter((line) => line !== '');
  return [...new Set(lines)].join('\n');
}
