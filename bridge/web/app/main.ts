/* The page: who is signed in, which board, and what the connection says. */
import type { BoardListener } from "../client/board_store";
import type { PendingCommand } from "../client/commands";
import { Connection, type ConnectionState } from "../client/connection";
import type { Conflict, Refusal, Task, User } from "../client/protocol";
import { BoardView } from "./board_view";
import { Cursors } from "./cursors";
import { arrange, byId } from "./dom";
import { boardsPage, messagePage, signInPage } from "./pages";
import { avatar } from "./people";
import { currentPlace, signOut } from "./session";
import { reopenTaskDialog } from "./task_dialog";
import { toast } from "./toast";

const STATE_TEXT: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  refused: "Signed out",
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

function commandName(type: string | undefined): string {
  return (type ?? "The command").toLowerCase().replaceAll("_", " ");
}

function openBoard(token: string, boardId: string): void {
  let problem: Refusal | undefined;
  const connection = new Connection({
    url: socketUrl(),
    token,
    listener: {
      stateChanged(state, refusal) {
        problem = refusal;
        showState(state, store.pending.length);
        if (state === "refused") show(signInPage(problem?.message ?? "Your token has expired."));
      },
      welcomed: (user: User) => view.learnName(user.user_id, user.username),
    },
  });
  const listener: BoardListener = {
    changed: () => draw(),
    refused: (refusal: Refusal) => toast("problem", `${commandName(refusal.command)} was refused`, [refusal.message, refusal.hint].filter(Boolean).join(" — ")),
    conflicted: (conflict, command) => explainConflict(conflict, command),
    cursorMoved: (cursor) => cursors.show(cursor),
    applied: (event) => view.learnName(event.payload.user_id, event.payload.username),
  };
  const store = connection.join(boardId, listener);
  const view = new BoardView(store);
  const cursors = new Cursors(connection, store, view.root);

  function draw(): void {
    if (store.situation === "unavailable") return show(messagePage("This board cannot be opened", store.problem?.message ?? ""));
    if (!store.view) return;
    if (!view.root.isConnected) show(view.root);
    document.title = `${store.view.name} · collab`;
    byId("board-name").textContent = store.view.name;
    arrange(byId("people"), [...store.users.values()].map((user) => {
      const item = document.createElement("li");
      item.append(avatar(user.user_id, user.username));
      return item;
    }));
    cursors.keepOnly(new Set(store.users.keys()));
    showState(connection.state, store.pending.length);
    view.draw();
  }

  function explainConflict(conflict: Conflict, command: PendingCommand | undefined): void {
    const current = conflict.current as Task | null;
    const updates = command?.type === "UPDATE_TASK" ? (command.payload.updates as Record<string, unknown>) : undefined;
    toast("problem", "Someone else changed it first",
      `Your ${commandName(conflict.command)} was not saved${current?.title ? `: “${current.title}” has changed since you looked` : ""}.`);
    if (updates && ("title" in updates || "description" in updates))
      reopenTaskDialog(store, command?.payload.task_id, updates);
  }

  show(messagePage("Loading the board…", ""));
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
