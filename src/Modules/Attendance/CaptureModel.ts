// What the capture page speaks about, and the rules that need neither screen nor network.

export type Code = "present" | "unexcused" | "excused" | "late" | "leftEarly" | "offSite";
/** Which there are, what they are called and when they begin is the school's data: the page's words. */
export type Slot = string;

export interface Tally {
  pupils: number; present: number; excused: number; unexcused: number; late: number; leftEarly: number; twoOpinions: number;
}
export interface Opinion { code: Code; by: string; atMs: number; notice?: boolean }
/** notice: the school has approved that the family keeps the child at home. A sheet that was kept before there were notices has none. */
export interface SheetRow {
  id: string; number: number; name: string; code?: Code; twoOpinions: boolean; opinions?: Opinion[]; notice?: boolean; minutes?: number;
  /** The family asks for leave, and nobody has answered. */
  asked?: boolean;
}
export interface Sheet {
  class: string; className: string; date: string; slot: Slot;
  pupils: SheetRow[]; submissions: string[]; notices?: string[]; tally?: Tally; submittedAtMs?: number;
  /** Why nothing can be sent of this session, as the box said on the day keptOn. */
  shut?: string; keptOn?: string;
}
export interface DaySession { slot: Slot; tally?: Tally; submittedAtMs?: number; unknown: number; empty: boolean }
export interface Day {
  person: string; date: string; today: string; slot: Slot; now?: string; anyDate: boolean; earliest?: string; closed?: string;
  classes: { id: string; name: string; sessions: DaySession[] }[];
}
export interface Mark { pupil: string; code: Code; minutes?: number }
export interface Submission {
  id: string; class: string; date: string; slot: Slot; pupils: string[]; marks: Mark[]; seen: string[]; takenAtMs: number; paper?: boolean;
}

/** phone: not yet taken by the box; box, centre and backup: durable there; refused: the box said why not, the marks are kept. */
export type SentState = "phone" | "box" | "centre" | "backup" | "refused";
export interface OutboxItem {
  id: string; person: string; session: string; className: string; state: SentState; message?: string; body: Submission;
}

/** Taps before "Gửi". What the person knew is frozen at the first tap: later news must not pass for seen. */
export interface Draft { key: string; person: string; seen: string[]; marks: { [pupil: string]: Code }; minutes?: { [pupil: string]: number } }

/** What the box says of a submission that it has taken. */
const PLACES: { [receipt: string]: SentState } = { onBox: "box", atCentre: "centre", backedUp: "backup" };

export const placeOf = (receipt: string | undefined, before: SentState): SentState => PLACES[receipt || ""] || before;

/** The page's words name codes; which there are is the school's data. */
export const codesIn = (list: string): Code[] => list.split(",") as Code[];

export const slotsIn = (list: string): Slot[] => list.split(",");

export const sessionKey = (schoolClass: string, date: string, slot: Slot): string => `${schoolClass}/${date}/${slot}`;

/** What stands as this phone knows it: the box's word, and over it what this person has sent and the box has not taken yet. */
export function standing(sheet: Sheet, waiting: OutboxItem[]): Map<string, Code> {
  const codes = new Map<string, Code>();
  const spokenFor = new Set(waiting.filter(i => i.body.seen.length === 0).reduce<string[]>((all, i) => all.concat(i.body.pupils), []));
  for (const row of sheet.pupils) {
    const code = row.code || (spokenFor.has(row.id) ? "present" : undefined);
    if (code) {
      codes.set(row.id, code);
    }
  }
  for (const item of waiting) {
    item.body.marks.forEach(m => codes.set(m.pupil, m.code));
  }
  return codes;
}

/** Empty for a first word: notices do not speak for the class. A later one names what it has seen of them as well. */
export function knownSubmissions(sheet: Sheet, waiting: OutboxItem[]): string[] {
  const known = sheet.submissions.concat(waiting.map(i => i.id));
  return known.length === 0 ? [] : Array.from(new Set(known.concat(sheet.notices || [])));
}

/** A draft mark that only repeats what stands says nothing, unless it settles two opinions. */
export function setMark(draft: Draft, row: SheetRow, code: Code, stands: Code | undefined): void {
  const implied = draft.seen.length > 0 ? stands : row.notice ? "excused" : stands || "present";
  if (code === implied && !(row.twoOpinions && draft.seen.length > 0)) {
    delete draft.marks[row.id];
  } else {
    draft.marks[row.id] = code;
  }
}

/** How late is said of who is late only. */
function markOf(draft: Draft, row: SheetRow, code: Code): Mark {
  const minutes = draft.minutes && draft.minutes[row.id];
  return code === "late" && minutes ? { pupil: row.id, code, minutes } : { pupil: row.id, code };
}

export function submissionOf(draft: Draft, sheet: Sheet, nowMs: number, paper: boolean): Submission {
  // A first word says of everyone what was on the screen: who is expected away is named, so that a notice taken back later makes nobody present.
  const codeOf = (p: SheetRow): Code | undefined => draft.marks[p.id] || (draft.seen.length === 0 && p.notice ? "excused" : undefined);
  const marks = sheet.pupils.reduce<Mark[]>((all, p) => { const code = codeOf(p); return code ? all.concat(markOf(draft, p, code)) : all; }, []);
  return {
    id: uuid7(nowMs), class: sheet.class, date: sheet.date, slot: sheet.slot,
    pupils: sheet.pupils.map(p => p.id), marks, seen: draft.seen, takenAtMs: nowMs, ...(paper ? { paper } : {}),
  };
}

/** RFC 9562 version 7: 48 bits of milliseconds, then random bits. getRandomValues exists without a secure context, randomUUID does not. */
export function uuid7(nowMs: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0, rest = nowMs; i < 6; i++) {
    bytes[5 - i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, b => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A session before its time is not "not submitted". */
export const hasBegun = (date: string, begins: string, now: { date: string; time: string }): boolean =>
  date < now.date || (date === now.date && begins <= now.time);

export const timeOf = (ms: number): string =>
  new Date(ms).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });

/** "{0} em · vắng {1}" with its figures. */
export const fill = (template: string, ...args: (string | number)[]): string =>
  template.replace(/\{(\d)\}/g, (_, n: string) => String(args[Number(n)]));
