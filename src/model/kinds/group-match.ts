/** All given fields must match; `*` matches any text. The same shape as `snapshot`'s GroupMatch. */
export interface GroupMatch {
  readonly id?: string;
  readonly cluster?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  readonly version?: VersionRange;
  readonly features?: readonly string[];
  readonly extensions?: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Versions such as `1.40` or `1.40.2`. */
export interface VersionRange {
  readonly from?: string;
  readonly below?: string;
}
