// A card's or a link's secret stands behind the # of the address: no browser sends that to a server or names it in a Referer, so it is in
// no log. The page takes it out of the address, and so out of the history, and sends it as if somebody had typed it.

function useKey(): void {
  const field = document.querySelector<HTMLInputElement>("input[data-key]");
  const key = location.hash.slice(1);
  if (field && /\d{40}$/.test(key)) {
    history.replaceState(null, "", location.pathname + location.search);
    field.value = key;
    field.form!.submit();
  }
}

addEventListener("hashchange", useKey);
useKey();

export {};
