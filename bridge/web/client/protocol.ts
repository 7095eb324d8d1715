/* The messages of the board dialect, as docs/protocol.md has them: only what this client reads and writes. */

export interface Label {
  id: string;
  name: string;
  color: string;
}

export interface ChecklistItem {
  id: string;
  text: string;
  checked: boolean;
  due_date: string | null;
  assigned_to: number | null;
  position: number;
}

export interface Checklist {
  id: string;
  name: string;
  position: number;
  items: ChecklistItem[];
}

export type Priority = "low" | "medium" | "high" | "urgent";
export type Category = "todo" | "doing" | "done";

export interface Task {
  id: string;
  board_id: string;
  list_id: string;
  title: string;
  description: string;
  assigned_to: number | null;
  assignees: number[];
  priority: Priority | null;
  start_date: string | null;
  due_date: string | null;
  status: Category;
  completed_at: string | null;
  position: number;
  labels: Label[];
  config: Record<string, unknown>;
  checklist_counts: { total: number; checked: number };
  checklists?: Checklist[];
  comments_count: number;
  version: number;
  created_at: string;
  updated_at: string;
  /** Set while the command that made the task waits for its ACK. */
  pending?: boolean;
}

export interface List {
  id: string;
  name: string;
  position: number;
  category: Category;
  wip_limit: number | null;
  version: number;
  tasks: Task[];
}

export interface Board {
  id: string;
  name: string;
  description: string;
  workspace_id: string;
  owner_id: number;
  members: number[];
  /** Members and assignees; absent in the event of a new board. */
  people?: User[];
  labels: Label[];
  lists: List[];
  version: number;
  updated_at: string;
}

export interface User {
  user_id: number;
  username: string;
  avatar?: string | null;
}

export interface Cursor extends User {
  x: number;
  y: number;
  task_id?: string | null;
}

/** What every event of a board carries besides its own data. */
export interface EventPayload {
  board_id: string;
  version: number;
  event: string;
  user_id: number;
  username: string | null;
  timestamp: string;
  command_id?: string;
  [field: string]: unknown;
}

export interface BoardEvent {
  type: string;
  payload: EventPayload;
}

export interface Message {
  type: string;
  payload: any;
}

export interface Refusal {
  command?: string;
  command_id?: string | null;
  code: string;
  message: string;
  hint?: string;
  retry_after_ms?: number;
}

export interface Conflict {
  command: string;
  command_id: string;
  reason: string;
  expected_version: number;
  current_version: number;
  current: Task | List | null;
}
