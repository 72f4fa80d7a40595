"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const remembered = () => { try { return localStorage.getItem("reconciler-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("reconciler-theme", theme); } catch { /* a file: page may not */ } };
  if (remembered()) root.dataset.theme = remembered();
  const switchTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember(root.dataset.theme);
  };
  one("[data-theme-switch]")?.addEventListener("click", switchTheme);

  const cards = all("[data-cards] > details");
  if (!cards.length) return;
  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  // A card for many resources says once what they have in common, and names each of them.
  const COMMON = ":scope > summary, :scope > .inside > :not(.names, .request)";
  const parts = cards.map((card) => ({
    card,
    names: Array.from(card.querySelectorAll(":scope > .inside > .names > li")),
    common: Array.from(card.querySelectorAll(COMMON)),
  }));
  const total = parts.reduce((sum, { names }) => sum + Math.max(names.length, 1), 0);
  const search = one("[data-search]"), stack = one("[data-stack]"), filters = all("[data-filter]");
  const shown = () => cards.filter((card) => !card.hidden);
  const toggle = one("[data-toggle-all]");
  const name = () => { toggle.textContent = shown().every((card) => card.open) ? "Close all" : "Open all"; };
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.filter((f) => f.getAttribute("aria-pressed") === "true").map((f) => f.dataset.filter);
    let count = 0;
    for (const { card, names, common } of parts) {
      const passes = (wanted.length === 0 || wanted.includes(card.dataset.action))
        && !(stack && stack.value && stack.value !== card.dataset.stackName);
      let fitting = passes && words.every((word) => text(card).includes(word)) ? 1 : 0;
      if (fitting && names.length) {
        const rest = words.filter((word) => !common.some((part) => text(part).includes(word)));
        for (const item of names) item.hidden = !rest.every((word) => text(item).includes(word));
        fitting = names.filter((item) => !item.hidden).length;
        if (rest.length && fitting) card.open = true;
      }
      card.hidden = fitting === 0;
      count += fitting;
    }
    one("[data-found]").textContent = count === total ? "" : `${count} of ${total}`;
    one("[data-nothing]").hidden = count > 0;
    name();
  };
  search.addEventListener("input", apply);
  stack?.addEventListener("change", apply);
  for (const filter of filters) {
    filter.addEventListener("click", () => {
      filter.setAttribute("aria-pressed", String(filter.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  const clear = () => {
    search.value = "";
    if (stack) stack.value = "";
    filters.forEach((filter) => filter.setAttribute("aria-pressed", "false"));
    apply();
  };
  one("[data-clear]").addEventListener("click", clear);
  const toggleAll = () => {
    const open = !shown().every((card) => card.open);
    shown().forEach((card) => { card.open = open; });
    name();
  };
  toggle.addEventListener("click", toggleAll);
  cards.forEach((card) => card.addEventListener("toggle", name));
  name();

  const move = (step) => {
    const list = shown();
    const at = list.indexOf(document.activeElement.closest?.("[data-cards] > details"));
    const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    next?.querySelector("summary").focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const keys = { "/": () => search.focus(), j: () => move(1), k: () => move(-1), e: toggleAll, t: switchTheme };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && typing === search) { clear(); search.blur(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
