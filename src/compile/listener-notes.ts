import { compareText } from '../base/index.ts';
import type { Group } from './groups.ts';
import type { Cells } from './incremental.ts';
import type { GrpcSide } from './inspect/notes.ts';

/** What listeners and scopes say of what others look up. */
export interface ListenerNotes {
  /** Listeners that gRPC gets. Key: the listener. */
  readonly grpcListeners: Group<GrpcSide>;
  /** Key: a route table that scopes name. */
  readonly scopedTables: Group<string>;
}

export const newListenerNotes = (cells: Cells): ListenerNotes => ({
  grpcListeners: cells.group<GrpcSide>(compareText),
  scopedTables: cells.group<string>(compareText),
});
