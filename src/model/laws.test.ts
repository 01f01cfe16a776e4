import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locateOrigin, parseFile, type Document } from './index.ts';

describe('laws', () => {
  const fragment = fc.constantFrom(
    ...['kind: Route\n', 'name: a\n', 'to: ', '{', '}', '[', ']', '- ', ': ', '&a ', '*a', '!!x '],
    ...['"', "'", '\n', '  ', '\t', '---\n', '%', '@', '|', '>', '#', ',', '<<: ', '0777', '.inf'],
    ...['resources:\n', '"@type": x\n', 'rules:\n', 'match: ', 'hosts: ', '\uFEFF', '\0', '\ud800'],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
  );

  test('any text is read without an exception, and every place lies inside it', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom('f.yaml', 'f.json'), (text, path) => {
        const lines = text.split(/\r\n?|\n/);
        for (const { span } of parseFile(path, text).diagnostics) {
          const line = lines[(span?.line ?? 0) - 1];
          expect(line).toBeDefined();
          expect(span?.col).toBeGreaterThan(0);
          expect(span?.col).toBeLessThanOrEqual((line ?? '').length + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('JSON is YAML: both give equal documents', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const text = `{"resources": [{"@type": "x", "value": ${json}}]}`;
        const asJson = parseFile('f', text);
        const asYaml = parseFile('f', JSON.stringify(JSON.parse(text), null, 2));
        expect(asYaml.documents).toEqual(asJson.documents);
      }),
    );
  });

  test('what is read is what JSON reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        const text = `{"resources": [{"@type": "x", "v": ${json}}]}`;
        const { documents, diagnostics } = parseFile('f.json', text);
        const [document] = documents;
        if (document === undefined || diagnostics.length > 0) return;
        expect(plainOf(document)).toEqual([{ '@type': 'x', v: JSON.parse(json) as unknown }]);
      }),
    );
  });

  test('an origin is found where its value stands', () => {
    const text = 'kind: Route\nname: a\nrules:\n- {match: {path: /x}, to: {b: 1, c: 2}}\n';
    const places = ['', '/rules/0', '/rules/0/to/c', '/rules/0/nothing', '/owner'].map(
      (pointer) => {
        const [document] = parseFile('f.yaml', text).documents;
        if (document === undefined) return null;
        const span = locateOrigin(text, 'f.yaml', { doc: document.id, pointer });
        return span === null ? null : `${span.line}:${span.col}`;
      },
    );
    expect(places).toEqual(['1:1', '4:3', '4:37', '4:3', '1:1']);
  });
});

/** Objects with their usual prototype, so that they compare with those of `JSON.parse`. */
function plainOf(document: Document): unknown {
  return document.kind === 'resources'
    ? (JSON.parse(JSON.stringify(document.resources.map(({ value }) => value))) as unknown)
    : null;
}
