// The screen of one session: 38 rows of four or five buttons, one tap for each exception.

import { Code, Sheet, SheetRow, codesIn, fill, timeOf } from "./CaptureModel.js";

export type Words = { [key: string]: string };

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: { [name: string]: string } = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  Object.keys(attributes).forEach(name => made.setAttribute(name, attributes[name]));
  made.append(...children);
  return made;
}

interface RowParts { row: SheetRow; item: HTMLElement; buttons: HTMLButtonElement[]; late: HTMLElement; minutes: HTMLInputElement; settle: HTMLButtonElement | null }

/** Changes what is in place without taking the focus from somebody's finger or reader. */
export function replaceKeepingFocus(place: HTMLElement, ...parts: (Node | string)[]): void {
  const fresh = document.createElement("div");
  fresh.append(...parts);
  if (fresh.innerHTML === place.innerHTML) {
    return;
  }
  const at = place.contains(document.activeElement) ? document.activeElement as HTMLElement : null;
  place.replaceChildren(...Array.from(fresh.childNodes));
  if (at) {
    const again = Array.from(place.querySelectorAll<HTMLElement>("[tabindex], button, input, select")).find(e => nameOf(e) === nameOf(at));
    (again || document.getElementById("capture-title") || place).focus({ preventScroll: !!again });
  }
}

/** What makes a control the same one in the next drawing. */
const nameOf = (e: HTMLElement): string => {
  const card = e.closest<HTMLElement>("[data-submission]");
  return [e.id, e.dataset.class, e.dataset.slot, e.dataset.action, card && card.dataset.submission].join("/");
};

export class RosterView {
  readonly root = element("ol", { id: "capture-rows", class: "rows" });
  private rows: RowParts[] = [];

  /** @param tapped called with the code; with "present" when a pressed one is tapped again; with null: what stands is right. */
  constructor(
    private readonly words: Words,
    private readonly tapped: (row: SheetRow, code: Code | null) => void,
    private readonly late: (row: SheetRow, minutes: number) => void,
  ) {
    this.root.addEventListener("keydown", e => this.move(e));
  }

  show(
    sheet: Sheet, codeOf: (row: SheetRow) => Code | undefined, minutesOf: (row: SheetRow) => number | undefined,
    isChanged: (row: SheetRow) => boolean, locked: boolean): void {
    const same = this.rows.length === sheet.pupils.length && this.rows.every((r, i) => {
      const next = sheet.pupils[i];
      return r.row.id === next.id && r.row.name === next.name && !!r.row.notice === !!next.notice && !!r.row.asked === !!next.asked
        && JSON.stringify(r.row.opinions) === JSON.stringify(next.opinions);
    });
    if (!same) {
      this.rows = sheet.pupils.map((row, i) => this.build(row, i));
      this.root.replaceChildren(...this.rows.map(r => r.item));
    }
    this.rows.forEach((parts, i) => {
      parts.row = sheet.pupils[i];
      this.paint(parts, codeOf(parts.row), minutesOf(parts.row), isChanged(parts.row), locked);
    });
  }

  private build(row: SheetRow, index: number): RowParts {
    const buttons = codesIn(this.words.codes).map((code, column) => {
      const button = element("button", {
        type: "button", class: `mark mark-${code}`, "data-code": code, "aria-pressed": "false",
        "aria-label": `${this.words[code]}, ${row.name}`, tabindex: index === 0 && column === 0 ? "0" : "-1",
      }, this.words[`${code}Letter`]);
      button.addEventListener("click", () => {
        this.rove(button);
        if (button.getAttribute("aria-disabled") === "true") {
          return;
        }
        this.tapped(this.rows[index].row, button.getAttribute("aria-pressed") === "true" ? "present" : code);
      });
      return button;
    });
    const name = element("span", { class: "row-name" }, row.name);
    if (row.notice) {
      name.append(" ", element("span", { class: "chip" }, this.words.notice));
    }
    if (row.asked) {
      name.append(" ", element("span", { class: "chip" }, this.words.asked));
    }
    const below: HTMLElement[] = [];
    let settle: HTMLButtonElement | null = null;
    if (row.opinions) {
      settle = element("button", { type: "button", class: "btn btn-outline-primary settle", "aria-pressed": "false" });
      settle.addEventListener("click", () => this.tapped(this.rows[index].row, null));
      const said = row.opinions.map(o => `${o.by}${o.notice ? ` (${this.words.notice})` : ""}: ${this.words[o.code]} ${timeOf(o.atMs)}`).join(" · ");
      name.append(" ", element("span", { class: "chip" }, this.words.twoOpinions));
      below.push(element("div", { class: "opinions" }, element("span", {}, said), settle));
    }
    const minutes = element("input", {
      type: "number", min: "1", max: "240", inputmode: "numeric", class: "form-control", "aria-label": `${this.words.minutes}, ${row.name}`,
    });
    minutes.addEventListener("change", () => {
      if (minutes.validity.valid) {
        this.late(this.rows[index].row, Math.round(minutes.valueAsNumber) || 0);
      }
    });
    const late = element("div", { class: "late-minutes" }, element("span", { "aria-hidden": "true" }, this.words.minutes), minutes);
    const item = element("li", { class: "row-pupil", "data-pupil": row.id },
      element("span", { class: "row-number", "aria-hidden": "true" }, String(row.number)), name,
      element("span", { class: "row-marks", role: "group", "aria-label": row.name }, ...buttons), late, ...below);
    return { row, item, buttons, late, minutes, settle };
  }

  private paint(parts: RowParts, code: Code | undefined, minutes: number | undefined, changed: boolean, locked: boolean): void {
    parts.late.hidden = code !== "late";
    parts.minutes.disabled = locked;
    if (document.activeElement !== parts.minutes) {
      parts.minutes.value = minutes ? String(minutes) : "";
    }
    parts.buttons.forEach(b => {
      b.disabled = locked;
      b.setAttribute("aria-pressed", String(b.dataset.code === code));
      // Not "disabled": the arrow keys go through every button, and the Tab key may have to stop at this one.
      b.setAttribute("aria-disabled", String(!!parts.row.notice && b.dataset.code === "unexcused" && code !== "unexcused"));
    });
    parts.item.classList.toggle("changed", changed);
    parts.item.dataset.code = code || "none";
    parts.item.classList.toggle("unspoken", !code);
    if (parts.settle) {
      parts.settle.hidden = locked;
      parts.settle.textContent = fill(this.words.settle, this.words[code || "present"]);
      parts.settle.setAttribute("aria-label", `${parts.settle.textContent}, ${parts.row.name}`);
      parts.settle.setAttribute("aria-pressed", String(changed));
    }
  }

  /** One stop of the Tab key for the whole list; arrows go on from there. */
  private move(e: KeyboardEvent): void {
    const at = (e.target as HTMLElement).closest<HTMLButtonElement>("button.mark");
    const row = at ? this.rows.findIndex(r => r.buttons.includes(at)) : -1;
    if (!at || row < 0) {
      return;
    }
    const column = this.rows[row].buttons.indexOf(at);
    const last = this.rows.length - 1;
    const to: { [key: string]: [number, number] } = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [row, 0], End: [row, this.rows[row].buttons.length - 1], PageUp: [0, column], PageDown: [last, column],
    };
    const next = to[e.key] && this.rows[to[e.key][0]] && this.rows[to[e.key][0]].buttons[to[e.key][1]];
    if (next) {
      e.preventDefault();
      this.rove(next);
      next.focus();
    }
  }

  private rove(to: HTMLButtonElement): void {
    this.root.querySelectorAll("button.mark[tabindex='0']").forEach(b => b.setAttribute("tabindex", "-1"));
    to.setAttribute("tabindex", "0");
  }
}

/** "38 em · vắng 2 · muộn 1", counted from what is on the screen; who has no word yet is in no figure but "chưa rõ". */
export function countLine(sheet: Sheet, codeOf: (row: SheetRow) => Code | undefined, words: Words): string {
  const codes = sheet.pupils.map(codeOf);
  const of = (...wanted: Code[]): number => codes.filter(c => c && wanted.includes(c)).length;
  const [early, unknown] = [of("leftEarly"), codes.filter(c => !c).length];
  return fill(words.count, codes.length - unknown, of(...codesIn(words.absences)), of("late"))
    + (early > 0 ? fill(words.countEarly, early) : "") + (unknown > 0 ? fill(words.countUnknown, unknown) : "");
}
