/*
 * Who is signed in: a token that came in the address's fragment (never sent to a server, taken out of the address bar at
 * once) or was pasted. It is kept for this tab only.
 */

const TOKEN_KEY = "collab.token";

export interface Place {
  token: string | null;
  boardId: string | null;
}

export function currentPlace(): Place {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (token) {
    sessionStorage.setItem(TOKEN_KEY, token);
    fragment.delete("token");
    history.replaceState(null, "", `${location.pathname}#${fragment}`);
  }
  return { token: sessionStorage.getItem(TOKEN_KEY), boardId: fragment.get("board") };
}

export function signIn(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token.trim());
}

export function signOut(): void {
  sessionStorage.removeItem(TOKEN_KEY);
}

export interface Workspace {
  id: string;
  name: string;
  role: string;
  boards: { id: string; name: string; version: number; updated_at: string }[];
}

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export async function fetchWorkspaces(token: string): Promise<Workspace[]> {
  const response = await fetch("/api/workspaces", { headers: { authorization: `Bearer ${token}` } });
  const body = await response.json().catch(() => undefined);
  if (!response.ok) throw new ApiError(response.status, body?.detail ?? body?.title ?? response.statusText);
  return body.workspaces;
}
