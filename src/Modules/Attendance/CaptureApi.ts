// The school's box, as the page calls it.

import { Day, Sheet, Submission } from "./CaptureModel.js";

const TIMEOUT_MS = 10_000;

/** offline: nobody answered, try later. signIn: the session ended or is another person's. refused: the box said no, with its sentence. */
export type Answer<T> = { kind: "ok"; value: T } | { kind: "offline" } | { kind: "signIn" } | { kind: "refused"; message: string };

export class CaptureApi {
  constructor(private readonly person: string) {}

  day = (date?: string): Promise<Answer<Day>> => this.call<Day>(`today${date ? `?date=${date}` : ""}`, d => d.person !== undefined);
  sheet = (session: string): Promise<Answer<Sheet>> => this.call<Sheet>(`sheets/${session}`, s => s.pupils !== undefined);

  submit = (body: Submission): Promise<Answer<{ receipt: string; sheet: Sheet }>> =>
    this.call<{ id: string; receipt: string; sheet: Sheet }>("submissions", r => r.id === body.id, body);

  receipts = (ids: string[]): Promise<Answer<{ receipts: { [id: string]: string } }>> =>
    this.call<{ receipts: { [id: string]: string } }>("receipts", r => r.receipts !== undefined, { ids });

  /** An answer that is not the box's, such as a captive portal's page, counts as none: looksRight must recognise the reply. */
  private async call<T>(path: string, looksRight: (reply: T) => boolean, body?: unknown): Promise<Answer<T>> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(`/api/attendance/${path}`, {
        method: body ? "POST" : "GET",
        headers: { "Accept": "application/json", "Content-Type": "application/json", "X-TdmEdu": this.person },
        body: body ? JSON.stringify(body) : undefined,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: abort.signal,
      });
      const reply = await response.json().catch(() => null);
      if (response.ok) {
        return reply && looksRight(reply) ? { kind: "ok", value: reply as T } : { kind: "offline" };
      }
      if (response.status === 401 || (reply && reply.reason === "other_person")) {
        return { kind: "signIn" };
      }
      const passing = response.status >= 500 || response.status === 408 || response.status === 429 || !reply || !reply.detail;
      return passing ? { kind: "offline" } : { kind: "refused", message: reply.detail };
    } catch {
      return { kind: "offline" };
    } finally {
      clearTimeout(timer);
    }
  }
}
