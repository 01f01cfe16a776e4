import { compileFolder } from '../../../src/cli/compile-folder.ts';
import { readAsked, readHeader } from '../../../src/cli/asked-request.ts';
import { folderView } from '../../../src/cli/folder-view.ts';
import { explainRequest, type Explanation } from '../../../src/compile/index.ts';

export interface Question {
  readonly method: string;
  readonly url: string;
  /** A list is sent as so many lines. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Explains requests to what a folder says now. */
export async function explainer(dir: string): Promise<(question: Question) => Explanation> {
  const compiled = await compileFolder({ source: dir, allowPaths: [] });
  const input = await folderView(compiled, '').finally(() => compiled.ingest.close());
  return ({ method, url, headers }) => {
    const header = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((line) => readHeader(`${name}: ${line}`)),
    );
    return explainRequest(input, readAsked([method, url], { header }).asked, null);
  };
}

/** The rule that is said to take it; `none`: 404. */
export function ruleIn(explanation: Explanation): string {
  if (explanation.kind === 'no-host') return 'none';
  if (explanation.kind === 'answered' && explanation.status === 404) return 'none';
  if (explanation.kind !== 'routed') return explanation.kind;
  const unsure = explanation.before.some(({ takes }) => takes === null);
  return unsure ? 'unsure' : (explanation.taken?.rule ?? 'none');
}
