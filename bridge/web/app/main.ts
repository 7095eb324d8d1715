/* The page: who is signed in, which board, and what the connection says. */
import type { BoardListener } from "../client/board_store";
import { Connection, type ConnectionState } from "../client/connection";
import type { PendingCommand } from "../client/outbox";
import type { Conflict, List, Refusal, Task, User } from "../client/protocol";
import { BoardView } from "./board_view";
import { Cursors } from "./cursors";
import { arrange, byId, element } from "./dom";
import { boardsPage, loadingPage, messagePage, signInPage } from "./pages";
import { peopleList } from "./people";
import { currentPlace, signOut } from "./session";
import { reopenTaskDialog } from "./task_dialog";
import { toast } from "./toast";

const STATE_TEXT: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  refused: "Signed out",
  closed: "Closed",
};

function show(page: HTMLElement): void {
  byId("main").replaceChildren(page);
}

function showState(state: ConnectionState, waiting = 0): void {
  const sign = byId("connection");
  sign.className = `connection ${state}`;
  sign.textContent = waiting > 0 && state !== "live" ? `${STATE_TEXT[state]} ${waiting} waiting` : STATE_TEXT[state];
}

function socketUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
}

const COMMAND_NAMES: Record<string, string> = {
  CREATE_TASK: "new card",
  UPDATE_TASK: "edit",
  MOVE_TASK: "move",
  DELETE_TASK: "deletion",
  CREATE_LIST: "new list",
  MOVE_LIST: "move of the list",
};

function commandName(type: string | undefined): string {
  return COMMAND_NAMES[type ?? ""] ?? "request";
}

function openBoard(token: string, boardId: string): void {
  let problem: Refusal | undefined;
  let self: User | undefined;
  const connection = new Connection({
    url: socketUrl(),
    token,
    listener: {
      stateChanged(state, refusal) {
        problem = refusal;
        showState(state, store.pending.length);
        if (state === "refused") show(signInPage(problem?.message ?? "Your token has expired."));
      },
      welcomed: (user: User) => {
        self = user;
        view.learnName(user.user_id, user.username);
      },
    },
  });
  const listener: BoardListener = {
    changed: () => draw(),
    refused: (refusal) =>
      toast("problem", `Your ${commandName(refusal.command)} was refused`, [refusal.message, refusal.hint].filter(Boolean).join(" — ")),
    conflicted: (conflict, command) => explainConflict(conflict, command),
    cursorMoved: (cursor) => cursors.show(cursor),
    applied: ({ payload }) => {
      view.learnName(payload.user_id, payload.username);
      const taskId = payload.task_id ?? (payload.task as Task | undefined)?.id;
      if (typeof taskId === "string") view.touched(taskId, payload.user_id);
    },
  };
  const store = connection.join(boardId, listener);
  const view = new BoardView(store);
  const cursors = new Cursors(connection, store, view.root);

  function draw(): void {
    if (store.situation === "unavailable") return show(unavailablePage(store.problem));
    if (!store.view) return;
    if (!view.root.isConnected) show(view.root);
    document.title = `${store.view.name} · collab`;
    byId("board-name").textContent = store.view.name;
    arrange(byId("people"), peopleList([...store.users.values()], self));
    cursors.keepOnly(new Set(store.users.keys()));
    showState(connection.state, store.pending.length);
    view.draw();
  }

  function unavailablePage(refusal: Refusal | undefined): HTMLElement {
    byId("people").replaceChildren();
    return messagePage("This board cannot be opened", `The server says: ${refusal?.message ?? "no"}. It may be gone, or you are not a member of its workspace.`,
      element("a", { class: "button", href: "/" }, "Your boards"));
  }

  function explainConflict(conflict: Conflict, command: PendingCommand | undefined): void {
    const current = conflict.current as (Partial<Task> & Partial<List>) | null;
    const name = current?.title ?? current?.name;
    const updates = command?.type === "UPDATE_TASK" ? (command.payload.updates as Record<string, unknown>) : undefined;
    toast("problem", "Someone else changed it first",
      `Your ${commandName(conflict.command)} was not saved${name ? `: “${name}” has changed since you looked` : ""}.`);
    if (updates) reopenTaskDialog({ store, taskId: command?.payload.task_id, nameOf: view.nameOf, draft: updates });
  }

  show(loadingPage());
  connection.start();
}

async function start(): Promise<void> {
  const place = currentPlace();
  byId("sign-out").hidden = !place.token;
  byId("sign-out").onclick = () => {
    signOut();
    location.assign("/");
  };
  addEventListener("hashchange", () => location.reload());
  if (!place.token) return show(signInPage());
  if (!place.boardId) return show(await boardsPage(place.token));
  openBoard(place.token, place.boardId);
}

void start();
