import { shorten } from './issue.ts';

/** `${NAME}`, `${NAME:-default}`, `$(NAME)`, `{{ .name }}` anywhere, or `$NAME` alone. */
const FOREIGN = /\$\{[A-Za-z_][^{}]*\}|\$\([A-Za-z_]\w*\)|\{\{[^{}]*\}\}|^\$[A-Za-z_]\w*$/;

const VARIABLE = /\$\{[A-Za-z_]\w*(?::?[-?=+][^{}]*)?\}|^\$[A-Za-z_]\w*$/;

const HELP = 'write the value, or make the file of a template before helve reads it';

/** What to say of a text that no field takes and that would be another one elsewhere, or null. */
export function unexpandedProblem(text: string): string | null {
  const found = FOREIGN.exec(text)?.[0];
  if (found === undefined) return null;
  return `"${shorten(found)}" stays as it is, since helve expands no texts; ${HELP}`;
}

/** The same of a text that is taken as it is: only of what is hardly ever meant so. */
export function unexpandedVariable(text: string): string | null {
  const found = VARIABLE.exec(text)?.[0];
  if (found === undefined) return null;
  return `"${shorten(found)}" is sent as it is, since helve expands no texts; ${HELP}`;
}
