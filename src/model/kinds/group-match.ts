/** All given fields must match; `*` matches any text. The same shape as `snapshot`'s GroupMatch. */
export interface GroupMatch {
  readonly id?: string;
  readonly cluster?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}
