// What the pages need of the browser and Blazor cannot do. No page runs a script of its own.
(() => {
  const year = 365 * 24 * 3600;
  const remember = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=lax`; };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    remember("segmentengine-zone", zone);
    for (const input of document.querySelectorAll("[data-fill-zone]")) if (!input.value) input.value = zone;
  }

  document.addEventListener("click", event => {
    if (event.target.closest("[data-reload]")) location.reload();
  });

  // A part of a rule may be dropped where the page shows a place for it, and a file on a field for files.
  document.addEventListener("dragstart", event => { if (event.target.closest?.(".grip")) event.dataTransfer.setData("text/plain", ""); });
  for (const moment of ["dragover", "drop"]) document.addEventListener(moment, event => { if (event.target.closest?.(".drop")) event.preventDefault(); });

  // While something is offered, these keys choose among it; the page's own handlers say what.
  document.addEventListener("keydown", event => {
    const completing = event.target.dataset?.completing;
    if (completing && (["ArrowDown", "ArrowUp", "Enter", "Escape"].includes(event.key) || (event.key === "Tab" && !event.shiftKey && completing !== "open"))) event.preventDefault();
    if ((event.ctrlKey || event.metaKey) && ["z", "y", "Z"].includes(event.key) && event.target.closest("[data-undo]") && event.target.tagName !== "TEXTAREA") event.preventDefault();
    if (event.ctrlKey && event.key === " ") event.preventDefault();
  }, true);

  const kept = "segmentengine-draft:";
  window.segmentEngine = {
    remember: (name, value) => {
      remember(name, value);
      if (name === "segmentengine-theme") document.documentElement.dataset.theme = value;
    },
    keepDraft: (key, text) => localStorage.setItem(kept + key, text),
    keptDraft: key => localStorage.getItem(kept + key),
    dropDraft: key => localStorage.removeItem(kept + key),
    caret: id => document.getElementById(id)?.selectionStart ?? 0,
    select: (id, from, to) => { const field = document.getElementById(id); field?.focus(); field?.setSelectionRange(from, to); },
    focus: id => document.getElementById(id)?.focus(),
    download: async (name, stream) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([await stream.arrayBuffer()]));
      link.download = name;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    copy: text => navigator.clipboard.writeText(text),
  };
})();
