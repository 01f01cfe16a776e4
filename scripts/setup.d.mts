export declare const ROOT: string;
export declare function setUp(options: {
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}): Promise<void>;
export declare function isBuilt(root: string): boolean;
