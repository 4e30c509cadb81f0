(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const tiles = [];
  const rows = new Map();
  const PAUSE = 900; // ms of rest, after which a screen reader is told
  let telling = 0;
  let told = null; // what a screen reader was last told; at the start it reads the page

  // A quantity of a world by its name; undefined where its variant has none.
  page.quantityOf = (world, name) => world.quantities.find((quantity) => quantity.name === name);

  // The summary of a quantity in the base, null where the base has no such quantity.
  page.before = (name) => (page.quantityOf(page.app.base, name) ? page.app.base.summary(name) : null);

  // The interval of a summary in words, "" where there is a single value.
  const span = (s) => (s.constant ? "" : page.say("to", { low: page.number(s.low), high: page.number(s.high) }));

  // The quantities of the tiles: those of the headline sentence, and the chosen one.
  const tiled = (world, of) => (world.story.includes(of) ? [...world.story] : [of, ...world.story]);

  // A tile: name, median in large, interval, and what it was.
  const tile = () => {
    const part = (tag, name) => page.make(tag, { class: name });
    const made = {
      name: part("p", "name"), value: part("p", "value"), span: part("p", "span"), was: part("p", "was"),
      number: part("span", "number"), unit: part("span", "unit"), of: "",
    };
    made.value.append(made.number, " ", made.unit);
    made.node = page.make("div", { class: "tile" }, made.name, made.value, made.span, made.was);
    made.node.addEventListener("click", () => page.app.see({ of: made.of }));
    return made;
  };

  // The headline in numbers, new beside what it was.
  page.showTiles = () => {
    const { world, view, changed } = page.app;
    const names = tiled(world, view.of);
    while (tiles.length < names.length) {
      tiles.push(tile());
      page.at("tiles").append(tiles[tiles.length - 1].node);
    }
    page.at("tiles").classList.toggle("four", names.length > 3);
    tiles.forEach((made, i) => {
      made.node.hidden = i >= names.length;
      if (i >= names.length) return;
      const quantity = page.quantityOf(world, names[i]);
      const s = world.summary(names[i]);
      made.of = names[i];
      page.put(made.name, page.dated(page.shortName(quantity.name), quantity));
      page.put(made.number, page.number(s.median));
      page.put(made.unit, page.unitText(quantity.unit, quantity.unitWords));
      page.put(made.span, span(s));
      page.put(made.was, changed ? wasText(names[i], s) : "");
      made.node.classList.toggle("current", names[i] === view.of);
    });
  };

  // What a quantity was before, and by which factor it has changed.
  const wasText = (name, s) => {
    const before = page.before(name);
    if (!before) return page.say("was_none");
    if (page.number(before.median) === page.number(s.median)) return page.say("unchanged");
    const [now, old] = [s.median.value, before.median.value];
    const told = now > 0 && old > 0 && Number.isFinite(now / old);
    const factor = told ? page.say("was_factor", { factor: page.factor(now / old) }) : "";
    return page.say("was", { value: page.number(before.median), factor }).trim();
  };

  // The headline sentence of a world in the language.
  page.sentence = (world) => {
    if (page.lang() === "en") return page.engine.sentence(world);
    const clauses = page.catalogue[page.lang()].story;
    const told = world.story.filter((name) => Object.hasOwn(clauses, name)).map((name, i) => {
      const s = world.summary(name);
      const ends = { low: page.number(s.low), high: page.number(s.high) };
      const interval = s.constant ? "" : page.say(i ? "story_interval" : "story_first", ends);
      return clauses[name].replace("{}", page.number(s.median)).replace("{}", interval);
    });
    const more = page.priorOf(world, "flop_per_multiply_add");
    const year = world.year === null ? "" : page.say("in_year_begin", { year: world.year });
    return page.join(year + told.join(clauses.join) + clauses.end + (more && more.text === "2" ? clauses.doubled : ""));
  };

  // The headline in words, and what it was.
  page.showSentence = () => {
    const { world, base, changed } = page.app;
    page.put(page.at("sentence"), page.sentence(world));
    const was = page.at("sentence-was");
    was.hidden = !changed;
    const old = changed ? base.story.map((name) => page.number(base.summary(name).median)) : [];
    page.put(was, changed ? page.say("was_all", { values: old.join(page.say("comma")) }) : "");
  };

  // Tell a screen reader the chosen quantity, once the priors are at rest.
  page.tellSoon = () => {
    clearTimeout(telling);
    telling = setTimeout(() => {
      const { world, view, changed } = page.app;
      const quantity = page.quantityOf(world, view.of);
      const s = world.summary(view.of);
      const ends = s.constant ? "" : page.say("range", { low: page.number(s.low), high: page.number(s.high) });
      const value = page.join(page.number(s.median), page.unitText(quantity.unit, quantity.unitWords), ends);
      const text = page.say("told", { quantity: page.dated(page.quantityText(quantity), quantity), value });
      const whole = changed ? `${text}; ${wasText(view.of, s)}` : text;
      if (told !== null && whole !== told) page.at("live").textContent = whole;
      told = whole;
    }, told === null ? 0 : PAUSE);
  };

  // A row of the table of answers, whose name is a button that chooses the quantity.
  const rowOf = (name) => {
    if (rows.has(name)) return rows.get(name);
    const label = page.make("span", {});
    const unit = page.make("small", {});
    const button = page.make("button", { type: "button", class: "pick" }, label);
    const cell = () => page.make("td", {});
    const made = { label, unit, button, median: cell(), span: cell(), was: page.make("td", { class: "before" }) };
    made.node = page.make("tr", {}, page.make("th", { scope: "row" }, button, unit), made.median, made.span, made.was);
    made.node.addEventListener("click", () => page.app.see({ of: name }));
    rows.set(name, made);
    return made;
  };

  // The table of the headline quantities: in place, one row each.
  page.showTable = () => {
    const { world, view, changed } = page.app;
    const body = page.at("summary-rows");
    const names = world.headline;
    if (body.dataset.of !== names.join()) {
      body.dataset.of = names.join();
      body.replaceChildren(...names.map((name) => rowOf(name).node));
    }
    page.at("summary").classList.toggle("changed", changed);
    for (const name of names) fillRow(rowOf(name), page.quantityOf(world, name), world.summary(name), view.of);
  };

  // The numbers of one row, on one scale, with their errors.
  const fillRow = (row, quantity, s, of) => {
    const [power, word] = page.sharedScale(s.median, s.low, s.high);
    const before = page.before(quantity.name);
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    page.put(row.label, page.quantityText(quantity));
    page.put(row.unit, page.join(wordOf(word), unit));
    page.put(row.median, page.figures(s.median, power));
    const [low, high] = [page.figures(s.low, power), page.figures(s.high, power)];
    page.put(row.span, s.constant ? page.say("exact") : page.say("to", { low, high }));
    page.put(row.was, before ? page.figures(before.median, power) : "-");
    for (const [node, key] of [[row.median, "median"], [row.span, "interval"], [row.was, "before"]]) {
      page.mark(node, "data-head", page.say(key));
    }
    page.mark(row.button, "aria-pressed", String(quantity.name === of));
    row.node.classList.toggle("current", quantity.name === of);
  };

  // The word of a scale, as `10²⁵` for `1e25`.
  const wordOf = (word) => (word.startsWith("1e") ? `10${page.raised(word.slice(2))}` : word);
  page.scaleWord = wordOf;
})();
