(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const TALL = 50; // pixels of a prior's density
  const HEIGHT = TALL + 28; // with its axis
  page.cardHeight = HEIGHT;
  const SIZE = 11.5;

  // The card of a prior: what is said of it, its density with handles, its text, and what can be done.
  page.card = (name) => {
    const card = { name, handles: new Map(), held: false, remembered: "", width: 0 };
    const id = (part) => `${part}-${name}`;
    const part = (tag, given, ...children) => page.make(tag, given, ...children);
    card.title = part("h4", { id: id("name") });
    card.code = part("code", {});
    card.badge = part("span", { class: "badge", hidden: true });
    card.words = part("p", { class: "words" });
    card.aside = part("p", { class: "aside", hidden: true });
    card.svg = page.draw("svg", { "aria-hidden": "true", focusable: "false" });
    card.stage = part("div", { class: "stage mini" });
    card.stage.append(card.svg);
    card.paint = page.marks(card.svg);
    card.input = part("input", {
      type: "text", id: id("text"), spellcheck: "false", autocomplete: "off", autocapitalize: "off",
      "aria-describedby": id("mistake"),
    });
    card.mistake = part("p", { class: "mistake", id: id("mistake"), hidden: true });
    card.reset = part("button", { type: "button", class: "quiet reset", hidden: true });
    card.known = part("button", { type: "button", class: "known", "aria-pressed": "false" });
    card.facts = part("dl", {});
    card.more = part("details", { class: "more" }, part("summary", {}, part("span", {})), card.facts);
    const head = part("div", { class: "cardhead" }, card.code, card.badge, card.reset);
    const row = part("div", { class: "row" }, card.input, card.known);
    card.node = part("li", { class: "card", "data-prior": name }, card.title, head, card.words, card.stage, row,
      card.mistake, card.aside, card.more);
    page.put(card.code, name);
    connect(card);
    return card;
  };

  // What the text field and the buttons of a card do.
  const connect = (card) => {
    card.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") apply(card);
      if (event.key === "Escape") {
        card.input.value = textOf(card);
        event.stopPropagation();
      }
    });
    card.input.addEventListener("blur", () => apply(card));
    card.reset.addEventListener("click", () => {
      page.app.make(page.edited(page.app.state, card.name, "edits", ""));
      card.input.focus();
    });
    card.known.addEventListener("click", () => toggle(card));
    card.more.addEventListener("toggle", () => facts(card));
  };

  // Whether a prior's value is given as known.
  const isKnown = (card) => Object.hasOwn(page.app.state.knows, card.name);

  // The text of a prior as it stands in its field: what was written, right or wrong.
  const textOf = (card) => {
    const { state } = page.app;
    if (isKnown(card)) return state.knows[card.name];
    return Object.hasOwn(state.edits, card.name) ? state.edits[card.name] : card.prior.text;
  };

  // Take what was written as the prior's new text.
  const apply = (card) => {
    const text = card.input.value.trim();
    if (text === textOf(card)) return;
    const part = isKnown(card) && text ? "knows" : "edits";
    const own = part === "edits" && text === card.own.text;
    page.app.make(page.edited(page.app.state, card.name, part, own ? "" : text));
    if (!text) card.input.value = textOf(card);
  };

  // Fix the value as known, at the median, or no longer.
  const toggle = (card) => {
    if (isKnown(card)) {
      page.app.make(page.edited(page.app.state, card.name, "edits", card.remembered));
      return;
    }
    card.remembered = page.app.state.edits[card.name] || "";
    const middle = page.app.world.priorCurve(card.name).quantiles.p50;
    page.app.make(page.edited(page.app.state, card.name, "knows", page.plainNumber(page.rounded(middle, 3))));
    card.input.focus();
    card.input.select();
  };

  // A number as it is written in the notation.
  page.plainNumber = (x) => {
    const size = Math.abs(x);
    return size && (size >= 1e6 || size < 1e-4) ? x.toExponential().replace("e+", "e") : String(x);
  };

  // Show a prior of a world beside the set's own, all of the card.
  page.showCard = (card, world, plain) => {
    const mistake = world.mistakes[card.name] || "";
    card.prior = page.priorOf(world, card.name);
    card.own = page.priorOf(plain, card.name) || card.prior;
    page.put(card.title, page.priorText(card.prior));
    page.mark(card.title, "lang", null);
    page.put(card.mistake, mistake);
    page.mark(card.mistake, "lang", page.lang() === "en" ? null : "en");
    card.mistake.hidden = !mistake;
    page.mark(card.input, "aria-invalid", mistake ? "true" : null);
    page.mark(card.input, "aria-label", page.say(isKnown(card) ? "known_field" : "text_field", {
      prior: page.priorText(card.prior),
    }));
    badge(card, mistake);
    aside(card, world);
    page.put(card.more.firstChild.firstChild, page.say("more_of", { grade: card.prior.grade || "-" }));
    if (card.more.open) facts(card);
    page.dragCard(card, world, plain);
  };

  // Say on a card that its prior is edited, known, wrong or moved; and offer to take it back.
  const badge = (card, mistake) => {
    const { prior } = card;
    const edited = Boolean(prior.edited || mistake);
    const key = mistake ? "wrong" : prior.edited === "know" ? "known_badge" : prior.edited ? "edited" : "moved";
    card.badge.hidden = !edited && !prior.moved;
    page.put(card.badge, card.badge.hidden ? "" : page.say(key));
    card.badge.className = `badge ${key}`;
    card.reset.hidden = !edited;
    page.put(card.reset, page.say("reset"));
    page.mark(card.reset, "aria-label", page.say("reset_prior", { prior: page.priorText(prior) }));
    card.edited = edited;
    card.node.classList.toggle("edited", edited);
    page.put(card.known, page.say("known"));
    page.mark(card.known, "aria-pressed", String(isKnown(card)));
    card.known.hidden = Boolean(prior.grows); // the program knows of values at the beginning alone
    page.mark(card.known, "aria-label", page.say("known_button", { prior: page.priorText(prior) }));
  };

  // Say which priors a known value moves; of a prior without handles, that its text is to be edited.
  const aside = (card, world) => {
    const ties = card.own.ties || [];
    const names = ties.map((tie) => page.priorOf(world, tie.with)).filter(Boolean).map(page.priorText);
    const text = names.length ? page.say("moves", { names: names.join(page.say("comma")) }) : "";
    const still = isKnown(card) || world.handles(card.name).length ? "" : page.say("no_handles");
    card.aside.hidden = !(isKnown(card) ? text : still);
    page.put(card.aside, isKnown(card) ? text : still);
    page.mark(card.known, "title", text || null);
  };

  // What is folded away: name, unit, range, correlations, grade, source and note.
  const facts = (card) => {
    if (!card.prior) return;
    const { prior } = card;
    const english = page.lang() === "en" ? undefined : "en";
    const rows = [
      ["meaning", page.lang() === "en" ? "" : prior.label, english],
      ["unit", page.unitText(prior.unit, prior.unitWords) || page.say("pure_number")],
      ["grade", prior.grade ? `${prior.grade}: ${page.say(`grade_${prior.grade}`)}` : ""],
      ["source", prior.source, english],
      ["note", prior.note, english],
      ["walk", prior.noise ? page.say("walk_sd", { sd: prior.noise }) : ""],
      ["ties", (prior.ties || []).map((tie) => `${tie.with} ${page.rounded(tie.rho, 2)}`).join(page.say("comma"))],
      ["base", prior.edited ? prior.base : "", undefined],
      ["source_before", prior.edited ? card.own.source : "", english],
    ];
    card.facts.replaceChildren(...rows.filter((row) => row[1]).flatMap(([key, text, lang]) => {
      const value = page.make("dd", { lang });
      value.textContent = text;
      const head = page.make("dt", {});
      head.textContent = page.say(key);
      return [head, value];
    }));
  };

  // The part of a card that follows a drag: words, density, handles and text.
  page.dragCard = (card, world, plain) => {
    const curve = world.priorCurve(card.name);
    const { p5, p50, p95 } = curve.quantiles;
    const unit = page.unitText(card.prior.unit, card.prior.unitWords);
    const ends = p5 === p95 ? "" : page.say("range", { low: page.number(p5), high: page.number(p95) });
    const year = card.prior.from === undefined ? "" : page.say("in_from", { year: card.prior.from });
    page.put(card.words, page.join(page.number(p50), ends, unit, year));
    const text = textOf(card);
    if (document.activeElement !== card.input && card.input.value !== text) card.input.value = text;
    if (!card.width) return;
    const former = card.edited || card.prior.moved ? plain.priorCurve(card.name) : null;
    const handles = world.handles(card.name);
    if (!card.held) card.scale = scaleOf(card, curve, former, handles);
    card.paint(marksOf(card, curve, former, handles));
    placeHandles(card, world, plain, handles);
  };

  // The part of the axis that a card shows: the prior, its former self and its handles, with room to drag.
  const scaleOf = (card, curve, former, handles) => {
    const ends = (c) => (c.x.length ? [c.x[0], c.x[c.x.length - 1]] : []).concat(c.atoms.map((atom) => atom[0]));
    const all = [...ends(curve), ...(former ? ends(former) : []), ...handles.map((handle) => handle.value)];
    const log = (former && !curve.x.length ? former : curve).log && all.every((x) => x > 0);
    let [low, high] = page.limits(log, all, 0.08);
    const single = Math.max(...all) === Math.min(...all);
    if (single && all[0] > 0) [low, high] = log ? [all[0] / 3, all[0] * 3] : [0, 2 * all[0]];
    const [least, most] = card.prior.range || [-Infinity, Infinity];
    if (!log && Number.isFinite(least) && !(all.some((x) => x < least))) low = Math.max(low, least);
    if (Number.isFinite(most) && most > low && !all.some((x) => x > most)) high = Math.min(high, most);
    return page.scale(log, low, high, 10, card.width - 10);
  };

  // The marks of a prior's density, its former self behind it.
  const marksOf = (card, curve, former, handles) => {
    const { scale, width } = card;
    const behind = former && (former.log === curve.log || !curve.x.length) && former.log === scale.log ? former : null;
    const top = Math.max(page.largest(curve.y), behind ? page.largest(behind.y) : 0) || 1;
    const up = page.scale(false, 0, top, TALL, 6);
    const marks = page.axis(scale, { top: 4, foot: TALL, width, size: SIZE, gap: 9 });
    if (behind && behind.x.length && behind.atoms.reduce((sum, atom) => sum + atom[1], 0) < 0.999) {
      marks.push({
        id: "former", tag: "path", d: page.area(behind.x, behind.y, scale, up), fill: "var(--muted)",
        "fill-opacity": 0.14, stroke: "var(--muted)", "stroke-width": 1, "stroke-dasharray": "3 2",
      });
    }
    if (former) marks.push(...page.stems(former.atoms, scale, [TALL, 14], "f", "var(--muted)"));
    const atoms = curve.atoms.reduce((sum, atom) => sum + atom[1], 0);
    if (curve.x.length && atoms < 0.999) {
      marks.push({
        id: "area", tag: "path", d: page.area(curve.x, curve.y, scale, up), fill: "var(--series-0)",
        "fill-opacity": 0.22, stroke: "none",
      }, {
        id: "line", tag: "path", d: page.line(curve.x, curve.y, scale, up), fill: "none",
        stroke: "var(--series-0)", "stroke-width": 1.6, "stroke-linejoin": "round",
      });
    }
    marks.push(...page.stems(curve.atoms, scale, [TALL, 14], "s", "var(--series-0)"));
    for (const handle of handles) {
      const x = scale.at(handle.value);
      marks.push({
        id: `h${handle.key}`, tag: "line", x1: x, x2: x, y1: 8, y2: TALL, stroke: "var(--series-0)",
        "stroke-width": 1, "stroke-dasharray": "2 2",
      });
    }
    return marks;
  };

  // Put the handles of a prior where their values are; make those that are new.
  const placeHandles = (card, world, plain, handles) => {
    const seen = new Set();
    for (const { key, value } of handles) {
      if (!card.handles.has(key)) makeHandle(card, key);
      const handle = card.handles.get(key);
      Object.assign(handle, { value });
      const x = Math.min(Math.max(card.scale.at(value), 0), card.width);
      handle.node.style.transform = `translate(${Math.round(x * 10) / 10}px, ${TALL}px)`;
      page.mark(handle.node, "aria-label", `${page.priorText(card.prior)}: ${page.keyText(key)}`);
      page.mark(handle.node, "aria-valuemin", page.rounded(card.scale.low, 4));
      page.mark(handle.node, "aria-valuemax", page.rounded(card.scale.high, 4));
      page.mark(handle.node, "aria-valuenow", page.rounded(value, 6));
      const unit = page.unitText(card.prior.unit, card.prior.unitWords);
      page.mark(handle.node, "aria-valuetext", page.join(page.number(page.rounded(value, 4)), unit));
      seen.add(key);
    }
    for (const [key, handle] of card.handles) {
      if (seen.has(key) || card.held) continue;
      handle.node.remove();
      card.handles.delete(key);
    }
  };

  // The name of a handle: `5 %`, or the name of the family's parameter.
  page.keyText = (key) => (/^p[\d.]+$/.test(key) ? `${key.slice(1)} %` : page.say(`key_${key}`).replace(/^key_/, ""));

  // A handle of a card, whose moves edit its prior.
  const makeHandle = (card, key) => {
    const handle = { value: 0 };
    let from = null;
    handle.node = page.slider({
      frame: () => card.stage,
      scale: () => card.scale,
      value: () => handle.value,
      own: () => {
        const own = page.app.plain(page.app.state).handles(card.name).find((each) => each.key === key);
        return own ? own.value : handle.value;
      },
      start: () => {
        from = page.app.world;
        card.held = true;
      },
      move: (x) => {
        const text = (from || page.app.world).dragged(card.name, key, x);
        const part = isKnown(card) ? "knows" : "edits";
        if (text) page.app.drag(page.edited(page.app.state, card.name, part, text === card.own.text ? "" : text), card);
      },
      done: (moved) => {
        from = null;
        card.held = false;
        if (moved) page.app.make(page.app.state);
      },
    });
    card.handles.set(key, handle);
    card.stage.append(handle.node);
  };
})();
