(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const GROUPS = ["training", "inference", "utilization", "hardware", "demand", "cost", "modalities", "trends"];
  const SOME = 6; // cards that are shown in one go
  const cards = new Map();
  const lists = new WeakMap();
  let made = ""; // what the groups were made for
  let groups = [];

  // The priors of a world, asked for once.
  page.priorsOf = (world) => indexed(world).list;

  // A prior of a world by its name, undefined where it has none.
  page.priorOf = (world, name) => indexed(world).map.get(name);

  // The priors of a world, as a list and by name.
  const indexed = (world) => {
    if (!lists.has(world)) {
      const list = world.priors;
      lists.set(world, { list, map: new Map(list.map((prior) => [prior.name, prior])) });
    }
    return lists.get(world);
  };

  // The priors that a quantity reads, directly or through others.
  page.readBy = (world, quantity) => {
    const known = new Map(world.quantities.map((q) => [q.name, q]));
    const seen = new Set();
    const waiting = [quantity];
    while (waiting.length) {
      const name = waiting.pop();
      if (seen.has(name)) continue;
      seen.add(name);
      if (known.has(name)) waiting.push(...known.get(name).reads);
    }
    return seen;
  };

  // Make the groups of cards, where the priors are others than before; cards that stay are kept.
  const arrange = (plain) => {
    const key = page.priorsOf(plain).map((prior) => `${prior.name}:${prior.group}:${prior.uncertain}`).join();
    if (key === made) return;
    made = key;
    const folded = window.matchMedia("(max-width: 999px)").matches;
    const found = [...GROUPS, ...page.priorsOf(plain).map((prior) => prior.group)];
    groups = [...new Set(found)].map((name) => groupOf(name, plain)).filter(Boolean);
    groups.forEach((group, i) => { group.node.open = !folded || !i; });
    page.at("groups").replaceChildren(...groups.map((group) => group.node));
  };

  // One stage of the model: its uncertain priors, and those with a known value folded away.
  const groupOf = (name, plain) => {
    const priors = page.priorsOf(plain).filter((prior) => prior.group === name);
    if (!priors.length) return null;
    const list = (uncertain) => {
      const node = page.make("ul", { class: "cards" });
      const inside = priors.filter((prior) => prior.uncertain === uncertain).map((prior) => cardOf(prior.name));
      node.append(...inside.map((card) => card.node));
      return { node, cards: inside };
    };
    const [open, certain] = [list(true), list(false)];
    const fold = page.make("details", { class: "certain" }, page.make("summary", {}), certain.node);
    const title = page.make("h3", {});
    const count = page.make("span", { class: "count" });
    const node = page.make("details", { class: "group" }, page.make("summary", {}, title, count));
    if (open.cards.length) node.append(open.node);
    if (certain.cards.length) node.append(fold);
    return { name, node, title, count, fold, open: open.cards, certain: certain.cards };
  };

  // The card of a prior, made when it is first asked for.
  const cardOf = page.cardFor = (name) => {
    if (!cards.has(name)) {
      const card = page.card(name);
      cards.set(name, card);
      new ResizeObserver(([entry]) => widen(card, Math.floor(entry.contentRect.width))).observe(card.stage);
    }
    return cards.get(name);
  };

  // Give a card its width, and draw it anew.
  const widen = (card, width) => {
    if (card.width === width) return;
    card.width = width;
    if (!width) return;
    page.mark(card.svg, "viewBox", `0 0 ${width} ${page.cardHeight}`);
    page.mark(card.svg, "width", width);
    page.mark(card.svg, "height", page.cardHeight);
    if (!card.prior || !page.priorOf(page.app.world, card.name)) return;
    page.dragCard(card, page.app.world, page.app.plain(page.app.state));
  };

  // Show all priors of a world: some cards at a time, as parts of what is done at rest.
  page.showPriors = () => {
    const { world, state, view } = page.app;
    const plain = page.app.plain(state);
    arrange(plain);
    const read = page.readBy(world, view.of);
    for (const group of groups) {
      page.put(group.title, page.groupText(group.name));
      page.put(group.fold.firstChild, page.say("known_values", { count: group.certain.length }));
    }
    const all = groups.flatMap((group) => [...group.open, ...group.certain]);
    const some = (from) => () => {
      for (const card of all.slice(from, from + SOME)) {
        page.showCard(card, world, plain);
        card.node.classList.toggle("unread", !read.has(card.name));
      }
    };
    const parts = [];
    for (let i = 0; i < all.length; i += SOME) parts.push(some(i));
    return [...parts, () => {
      groups.forEach(unfold);
      page.filter();
    }];
  };

  // Open what holds a prior that has been edited since it was last shown.
  const unfold = (group) => {
    const fresh = (card) => card.edited && !card.shown;
    if (group.certain.some(fresh)) group.fold.open = true;
    if ([...group.open, ...group.certain].some(fresh)) group.node.open = true;
    for (const card of [...group.open, ...group.certain]) card.shown = card.edited;
  };

  // Show only the cards that the filter asks for, and open what holds them.
  page.filter = () => {
    const words = page.at("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const edited = page.at("only-edited").checked;
    let total = 0;
    const hit = (card) => {
      const { prior } = card;
      if (!prior) return true;
      const text = [prior.name, page.spoken(prior.name), prior.label, page.priorText(prior), prior.text].join(" ");
      return (!edited || card.edited) && words.every((word) => text.toLowerCase().includes(word));
    };
    for (const group of groups) {
      const show = (list) => list.filter((card) => {
        card.node.hidden = !hit(card);
        return !card.node.hidden;
      }).length;
      const [open, certain] = [show(group.open), show(group.certain)];
      group.node.hidden = !(open + certain);
      group.fold.hidden = !certain;
      if ((words.length || edited) && open + certain) group.node.open = true;
      if ((words.length || edited) && certain) group.fold.open = true;
      page.put(group.count, String(open + certain));
      total += open + certain;
    }
    page.at("none-found").hidden = total > 0;
  };

  // The card that is dragged, in a frame.
  page.showDragged = (card) => {
    const plain = page.app.plain(page.app.state);
    const { world } = page.app;
    if (!page.priorOf(world, card.name)) return;
    const { edited, mistake } = card.prior ? { edited: card.edited, mistake: !card.mistake.hidden } : {};
    if (edited && !mistake && !world.mistakes[card.name]) {
      card.prior = page.priorOf(world, card.name);
      page.dragCard(card, world, plain);
    } else page.showCard(card, world, plain);
  };

  // Scroll to the card of a prior, and give its first handle the focus.
  page.goTo = (name) => {
    const card = cards.get(name);
    if (!card || !card.node.isConnected) return;
    page.at("filter").value = "";
    page.at("only-edited").checked = false;
    page.filter();
    for (let node = card.node.parentElement; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.node.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    card.input.focus({ preventScroll: true });
  };
})();
