/* The pages that are not a board: signing in, choosing a board, and saying what is wrong. */
import { element } from "./dom";
import { ApiError, fetchWorkspaces, signIn, type Workspace } from "./session";

export function signInPage(problem?: string): HTMLElement {
  const input = element("textarea", { id: "token", rows: 4, spellcheck: false, required: true, autocomplete: "off" });
  const form = element("form", { class: "panel" },
    element("h2", {}, "Sign in"),
    problem && element("p", { class: "problem" }, problem),
    element("label", { htmlFor: "token" }, "Token (a JWT from your identity provider)"),
    input,
    element("p", { class: "hint" }, "For the demo: ", element("code", {}, "make token USER=alice"), " prints one."),
    element("button", { type: "submit", class: "primary" }, "Sign in"),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    signIn(input.value);
    location.reload();
  };
  return form;
}

function boardCard(board: Workspace["boards"][number]): HTMLElement {
  const changed = new Date(board.updated_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return element("li", {},
    element("a", { class: "board-link", href: `#board=${board.id}` },
      element("strong", {}, board.name), element("span", {}, `changed ${changed}`)),
  );
}

function workspaceSection(workspace: Workspace): HTMLElement {
  return element("section", {},
    element("h2", {}, workspace.name, " ", element("small", {}, workspace.role)),
    workspace.boards.length > 0
      ? element("ul", { class: "board-links" }, ...workspace.boards.map(boardCard))
      : element("p", { class: "hint" }, "No board yet. SELECT collab.create_board(…) makes one."),
  );
}

/** The list of boards, or why there is none. */
export async function boardsPage(token: string): Promise<HTMLElement> {
  try {
    const workspaces = await fetchWorkspaces(token);
    if (workspaces.length === 0)
      return messagePage("Nothing here yet", "You are not a member of any workspace. Ask someone to add you.");
    return element("div", { class: "panel wide" }, ...workspaces.map(workspaceSection));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return signInPage(`The token was not accepted: ${error.message}`);
    return messagePage("The boards could not be loaded", `${(error as Error).message}. Is the server running?`,
      element("button", { type: "button", class: "primary", onclick: () => location.reload() }, "Try again"));
  }
}

/** `way` is what the person can do about it. */
export function messagePage(title: string, text: string, way?: HTMLElement): HTMLElement {
  return element("div", { class: "panel" }, element("h2", {}, title), element("p", {}, text), way);
}

/** The shape of a board, until it is there. */
export function loadingPage(): HTMLElement {
  const list = (cards: number): HTMLElement => element("div", {}, ...Array.from({ length: cards }, () => element("span", {})));
  return element("div", { class: "loading", role: "status", aria: { label: "Loading the board…" } }, list(4), list(2), list(3));
}
