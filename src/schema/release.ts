/** `1.36` of `1.36.4`: what floors are given in, and what facts are kept by. */
export function releaseOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Orders versions by major and minor. */
export function compareReleases(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
