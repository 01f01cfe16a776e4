export interface ImportRow {
  readonly folder: string;
  readonly may: readonly string[];
  readonly io: boolean;
  readonly does: string;
}
export declare const IMPORT_TABLE: readonly ImportRow[];
export declare const CORE_FOLDERS: readonly string[];
export declare const PURE_CORE_MODULES: readonly string[];
export declare function importTableText(): string;
