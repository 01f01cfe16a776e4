import { z } from 'zod';
import { ownIssue, shorten } from './issue.ts';

/**
 * What keeps a text from being a path as Envoy sees it, or null. Envoy normalises paths before it
 * matches them, so anything that normalisation would change can never match.
 */
function pathProblem(text: string): string | null {
  const shown = shorten(text);
  if (!text.startsWith('/')) return `"${shown}" does not begin with /; write a whole path`;
  const query = /[?#]/.exec(text)?.[0];
  if (query !== undefined) return `a path has no "${query}", got "${shown}"; cut it off there`;
  const escape = escapeProblem(text);
  if (escape !== null) return escape;
  if (text.includes('//')) return `"${shown}" has //, which is merged before matching; write one /`;
  const isRelative = text.split('/').some((part) => part === '.' || part === '..');
  if (isRelative) return `"${shown}" has . or .. as a segment; write the path that is meant`;
  const foreign = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/]/u.exec(text)?.[0];
  if (foreign === undefined) return null;
  const parameter = /\{[^{}/]*\}/.exec(text)?.[0];
  if (parameter !== undefined) {
    const regex = shorten(text.replaceAll(/\{[^{}/]*\}/g, '[^/]+'));
    return `"${shorten(parameter)}" is no parameter here; write regex: "${regex}"`;
  }
  const instead = foreign === '\\' ? '/' : encodeURIComponent(foreign);
  return `a path cannot hold "${foreign}", got "${shown}"; write ${instead}`;
}

/** The same for a prefix, which matches whole segments. */
function prefixProblem(text: string): string | null {
  const problem = pathProblem(text);
  if (problem !== null || text === '/' || !text.endsWith('/')) return problem;
  const fixed = shorten(text.slice(0, -1));
  return `a prefix has no trailing slash, since it matches whole segments; write "${fixed}"`;
}

const checked = (description: string, problemOf: (text: string) => string | null): z.ZodString =>
  z
    .string()
    .meta({ description, examples: ['/cart'], pattern: '^/[^#\\s]*$' })
    .superRefine((text, context) => {
      const problem = problemOf(text);
      if (problem !== null) context.issues.push(ownIssue('SCHEMA_PATH', problem, text));
    });

/** A whole path. */
export const pathField = checked('A path without query, e.g. /cart.', pathProblem);

/** A prefix of whole segments. */
export const prefixField = checked('A prefix of whole segments, e.g. /cart.', prefixProblem);

/** A path to redirect to, which may carry a query. */
export const redirectPathField = checked('A path, or a path and a query.', (text) => {
  const at = text.indexOf('?');
  const path = pathProblem(at < 0 ? text : text.slice(0, at));
  if (path !== null || at < 0) return path;
  const foreign = /[^A-Za-z0-9\-._~!$&'()*+,;=:@%/?]/u.exec(text.slice(at))?.[0];
  return foreign === undefined
    ? null
    : `a query cannot hold "${foreign}"; write ${encodeURIComponent(foreign)}`;
});

/** Escapes that Envoy undoes (unreserved characters) or redirects away (slashes) never match. */
function escapeProblem(text: string): string | null {
  for (const match of text.matchAll(/%(.{0,2})/gsu)) {
    const code = match[1] ?? '';
    if (!/^[0-9a-fA-F]{2}$/.test(code)) {
      return `"%" in "${shorten(text)}" begins no escape; write %25 for a percent sign`;
    }
    const character = String.fromCharCode(Number.parseInt(code, 16));
    if (/[A-Za-z0-9\-._~]/.test(character)) {
      return `"${match[0]}" is undone before matching; write "${character}"`;
    }
    if (character === '/' || character === '\\') {
      return `"${match[0]}" is a slash in disguise, which never arrives; write /`;
    }
    if (/[\u0000-\u001f\u007f]/.test(character)) {
      return `"${match[0]}" is a control character; remove it`;
    }
  }
  return null;
}
