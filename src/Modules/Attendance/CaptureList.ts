// The screen of the day: this person's classes, and what was sent from this phone.

import { Day, OutboxItem, Slot, fill, hasBegun, sessionKey, slotsIn, timeOf } from "./CaptureModel.js";
import { Words, element } from "./CaptureView.js";

export interface ListActions {
  open(schoolClass: string): void;
  choose(slot: Slot, date: string): void;
  retry(item: OutboxItem): void;
  reopen(item: OutboxItem): void;
  discard(item: OutboxItem): void;
}

/** What the time is: the box's word, with what the phone says beside it, or the phone's clock while nobody answers. */
export interface Now { date: string; time: string; phone?: string }

export const dateOf = (iso: string): string => iso.split("-").reverse().join("/");

/** Where this phone's newest submission of a session is. */
export function statusOf(items: OutboxItem[], words: Words): HTMLElement | string {
  const last = items[items.length - 1];
  return last ? element("span", { class: `state state-${last.state}`, "data-state": last.state }, words[`state_${last.state}`]) : "";
}

export function listScreen(
  day: Day, slot: Slot, now: Now, items: OutboxItem[], words: Words, actions: ListActions): (Node | string)[] {
  const parts: (Node | string)[] = [element("h1", { id: "capture-title", tabindex: "-1" }, fill(words.title, dateOf(day.date)))];
  parts.push(switches(day, slot, words, actions));
  if (now.phone && now.phone !== now.date) {
    const text = fill(words.otherDay, dateOf(now.date), dateOf(now.phone));
    parts.push(element("p", { class: "notice", id: "capture-clock", role: "alert" }, text));
  }
  if (day.closed) {
    parts.push(element("p", { class: "notice", id: "capture-closed" }, day.closed));
  }
  const classes = day.classes.filter(c => c.sessions.some(s => s.slot === slot));
  const cards = classes.map(c => classCard(day, slot, now, c, items, words, actions));
  parts.push(cards.length > 0
    ? element("ul", { id: "capture-classes", class: "class-cards" }, ...cards)
    : element("p", { class: "notice" }, words.noClasses));
  const refused = items.filter(i => i.state === "refused");
  if (refused.length > 0) {
    const cards = refused.map(i => refusedCard(i, words, actions));
    parts.push(element("h2", {}, words.refusedTitle), element("ul", { id: "capture-refused", class: "class-cards" }, ...cards));
  }
  return parts;
}

function switches(day: Day, slot: Slot, words: Words, actions: ListActions): HTMLElement {
  const bar = element("div", { class: "switches", role: "group", "aria-label": words.slotLabel });
  const first = slotsIn(words.sessions);
  for (const s of first) {
    const button = element("button", { type: "button", class: "switch", "data-slot": s, "aria-pressed": String(s === slot) }, words[s]);
    button.addEventListener("click", () => actions.choose(s, day.date));
    bar.append(button);
  }
  const others = slotsIn(words.slots).filter(s => !first.includes(s) && day.classes.some(c => c.sessions.some(x => x.slot === s)));
  if (others.length > 0) {
    bar.append(otherSlots(others, slot, words, s => actions.choose(s, day.date)));
  }
  const date = element("input", {
    type: "date", id: "capture-date", class: "form-control", value: day.date, max: day.today, "aria-label": words.dateLabel,
    ...(day.earliest ? { min: day.earliest } : {}),
  });
  date.addEventListener("change", () => { if (date.value && date.validity.valid) { actions.choose(slot, date.value); } });
  bar.append(date);
  return bar;
}

/** Meals, doors, events: fewer people take them, so they cost no button of the halves of a day. */
function otherSlots(others: Slot[], slot: Slot, words: Words, choose: (slot: Slot) => void): HTMLElement {
  const select = element("select", { id: "capture-other-slots", class: "form-select", "aria-label": words.otherSlots },
    element("option", { value: "", disabled: "", ...(others.includes(slot) ? {} : { selected: "" }) }, words.otherSlots),
    ...others.map(s => element("option", { value: s, ...(s === slot ? { selected: "" } : {}) }, words[s])));
  select.addEventListener("change", () => choose(select.value));
  return select;
}

function classCard(
  day: Day, slot: Slot, now: Now, c: Day["classes"][number], items: OutboxItem[], words: Words, actions: ListActions): HTMLElement {
  const session = c.sessions.find(s => s.slot === slot)!;
  const own = items.filter(i => i.session === sessionKey(c.id, day.date, slot));
  const tally = session.tally;
  const waits = own.some(i => i.state !== "refused");
  const line = tally ? sentLine(session, words)
    : session.empty ? words.emptyClass
    : waits ? ""
    : day.closed ? words.nothingDue
    : hasBegun(day.date, words[`${slot}Begins`], now) ? words.notSent : words.notBegun;
  const due = line === words.notSent;
  const button = element("button", { type: "button", class: "class-card", "data-class": c.id, "data-sent": String(!!tally) },
    classLabel(c.name, words));
  if (line) {
    button.append(element("span", { class: due ? "class-line due" : "class-line" }, line));
  }
  if (tally && session.unknown > 0) {
    button.append(element("span", { class: "chip" }, fill(words.unknown, session.unknown)));
  }
  if (tally && tally.twoOpinions > 0) {
    button.append(element("span", { class: "chip" }, words.twoOpinions));
  }
  button.append(statusOf(own, words));
  button.addEventListener("click", () => actions.open(c.id));
  return element("li", {}, button);
}

function sentLine(session: Day["classes"][number]["sessions"][number], words: Words): string {
  const tally = session.tally!;
  return `${fill(words.sentAt, timeOf(session.submittedAtMs!))} · `
    + fill(words.count, tally.pupils, tally.excused + tally.unexcused, tally.late);
}

/** "Lớp 1/4": without the word a class may look like a date. */
function classLabel(name: string, words: Words): HTMLElement {
  const [before, after] = words.className.split("{0}");
  return element("span", { class: "class-label" }, before, element("strong", { class: "class-name" }, name), after || "");
}

export function refusedCard(item: OutboxItem, words: Words, actions: Pick<ListActions, "retry" | "reopen" | "discard">): HTMLElement {
  const again = element("button", { type: "button", class: "btn btn-outline-primary", "data-action": "retry" }, words.retry);
  again.addEventListener("click", () => actions.retry(item));
  const reopen = element("button", { type: "button", class: "btn btn-outline-primary", "data-action": "reopen" }, words.reopen);
  reopen.addEventListener("click", () => actions.reopen(item));
  const title = fill(words.sheetTitle, fill(words.className, item.className), words[item.body.slot], dateOf(item.body.date));
  const discard = element("button", { type: "button", class: "btn btn-outline-danger", "data-action": "discard" }, words.discard);
  discard.addEventListener("click", () => { if (confirm(fill(words.discardSure, title))) { actions.discard(item); } });
  return element("li", { class: "notice notice-bad", "data-submission": item.id },
    element("strong", {}, title),
    element("p", { class: "refusal" }, item.message || ""),
    element("div", { class: "switches" }, reopen, again, discard));
}
