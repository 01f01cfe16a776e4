/** A report with its places as scripts read them: `file`, `line`, `column`. */
export function withPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlaces);
  if (typeof value !== 'object' || value === null) return value;
  if ('file' in value && 'line' in value && 'col' in value) {
    const { file, line, col } = value;
    return { file, line, column: col };
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withPlaces(part)]));
}
