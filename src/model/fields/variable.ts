/** No path of a file is normalised to this. */
const PREFIX = '//env/';

/** What stands for an environment variable among the paths of material. */
export const variablePath = (name: string): string => PREFIX + name;

/** The variable that such a path stands for; null for files. */
export const variableIn = (path: string): string | null =>
  path.startsWith(PREFIX) ? path.slice(PREFIX.length) : null;
