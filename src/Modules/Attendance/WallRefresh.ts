// The wall draws itself again every few seconds. When the box does not answer, the old figures stay and the page says that they are old.

const wall = document.getElementById("wall");
const offline = document.getElementById("wall-offline");

async function refresh(): Promise<void> {
  try {
    const response = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
    const fresh = response.ok ? new DOMParser().parseFromString(await response.text(), "text/html").getElementById("wall") : null;
    if (response.redirected || response.status === 401 || response.status === 403) {
      location.reload();
    } else if (fresh && wall) {
      wall.replaceChildren(...Array.from(fresh.childNodes));
    }
    offline!.hidden = !!fresh;
  } catch {
    offline!.hidden = false;
  }
}

if (wall) {
  setInterval(() => { if (!document.hidden) { void refresh(); } }, Number(wall.dataset.refreshSeconds) * 1000);
}

export {};
