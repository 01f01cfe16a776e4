// Node 20 does not read TypeScript; types are only erased here, as everywhere in this project.
// What was erased once is kept, since loading the compiler takes longer than most tests.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const CACHE = new URL('../../node_modules/.cache/helve-ts/', import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const kept = new URL(`${createHash('sha256').update(text).digest('hex')}.js`, CACHE);
  const source = await readFile(kept, 'utf8').catch(() => erase(text, kept));
  return { format: 'module', source, shortCircuit: true };
}

async function erase(text, kept) {
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  await mkdir(CACHE, { recursive: true });
  const beside = new URL(`${kept.href}.${process.pid}`);
  await writeFile(beside, outputText);
  await rename(beside, kept);
  return outputText;
}
