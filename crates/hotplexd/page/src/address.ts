/** What the page's address says: `/?session=ID&work_dir=DIR#token=TOKEN`. */

export interface Address {
  session: string;
  workDir: string;
}

const TOKEN = "hotplex.token";

export function read(): Address {
  const query = new URLSearchParams(location.search);
  return { session: query.get("session") ?? "", workDir: query.get("work_dir") ?? "" };
}

export function of(address: Address): string {
  const query = new URLSearchParams();
  query.set("session", address.session);
  if (address.workDir !== "") query.set("work_dir", address.workDir);
  return `/?${query.toString()}`;
}

/** Moves the token from the address, where history would keep it, to this tab. */
export function takeToken(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  keepToken(given);
  history.replaceState(null, "", location.pathname + location.search);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

export function token(): string {
  return sessionStorage.getItem(TOKEN) ?? "";
}

/** A name for a session. `crypto.randomUUID` is missing where the page is not served over HTTPS. */
export function newSession(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `page-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
