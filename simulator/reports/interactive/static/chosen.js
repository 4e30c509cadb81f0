(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const HEIGHT = 270;
  const FOOT = HEIGHT - 26;
  let figure = null;
  let handle = null;
  let axis = null; // of what is shown: kept while it suits, so that a drag moves the curve and not the axis

  // Make the chosen quantity's figure and its controls.
  page.makeChosen = () => {
    figure = page.figure(page.at("chosen-figure"), "distribution");
    handle = page.slider({
      frame: () => figure.stage,
      scale: () => axis.scale,
      value: () => page.threshold(),
      own: () => usual(),
      move: (x) => page.app.see({ above: x }, true),
      done: (moved) => moved && page.app.see({ above: page.threshold() }),
    });
    handle.classList.add("tall");
    figure.stage.append(handle);
    for (const mode of ["density", "exceedance"]) {
      page.at(`mode-${mode}`).addEventListener("click", () => page.app.see({ mode }));
    }
    page.at("of").addEventListener("change", (event) => page.app.see({ of: event.target.value }));
    const field = page.at("above");
    field.addEventListener("change", () => {
      const value = page.parseNumber(field.value);
      const wrong = !Number.isFinite(value) && field.value.trim() !== "";
      page.mark(field, "aria-invalid", wrong ? "true" : null);
      if (wrong) page.status(page.say("no_number", { text: field.value.slice(0, 60) }));
      else page.app.see({ above: Number.isFinite(value) ? value : null });
    });
  };

  // The threshold where none was chosen: the base's median, or this world's.
  const usual = () => {
    const s = page.before(page.app.view.of) || page.app.world.summary(page.app.view.of);
    return Number.isFinite(s.median.value) ? page.rounded(s.median.value, 3) : 1;
  };

  // The threshold of P(quantity > x).
  page.threshold = () => (page.app.view.above === null ? usual() : page.app.view.above);

  // A threshold as its field shows it: as people write numbers, where that reads back as the same.
  const writtenAs = (x) => {
    const text = page.engine.text.readable(x, 0);
    return page.parseNumber(text) === x ? text : page.plainNumber(x);
  };

  // The menu of all quantities, anew where they or the language have changed.
  page.showMenu = () => {
    const { world, view } = page.app;
    const menu = page.at("of");
    const key = `${world.variant} ${world.quantities.length} ${world.year} ${page.lang()}`;
    if (menu.dataset.key !== key) {
      menu.dataset.key = key;
      const known = new Set(world.headline);
      const option = (q) => new Option(page.clipped(page.quantityText(q), 1, 90), q.name);
      const part = (label, list) => {
        const node = page.make("optgroup", { label: page.say(label) });
        node.append(...list.map(option));
        return node;
      };
      const all = world.quantities;
      menu.replaceChildren(part("menu_headline", world.headline.map((name) => page.quantityOf(world, name))),
        part("menu_others", all.filter((q) => !known.has(q.name))));
    }
    menu.value = view.of;
  };

  // The chosen quantity in a frame: probability, picture and handle.
  page.showChosen = () => {
    const { world, view } = page.app;
    const x = page.threshold();
    const chance = world.above(view.of, x);
    const quantity = page.quantityOf(world, view.of);
    sayChance(quantity, x, chance);
    for (const mode of ["density", "exceedance"]) {
      page.mark(page.at(`mode-${mode}`), "aria-pressed", String(view.mode === mode));
    }
    if (document.activeElement !== page.at("above")) page.at("above").value = writtenAs(x);
    if (!figure.width) return;
    const drawn = view.mode === "density" ? densityMarks(world, x) : exceedanceMarks(world, x, chance);
    figure.draw(drawn, HEIGHT);
    placeHandle(quantity, x, chance);
  };

  // `P(... > 720,000) = 0.612(1)`, and what it was before.
  const sayChance = (quantity, x, chance) => {
    const { base, changed } = page.app;
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    const told = page.say("chance", {
      quantity: page.dated(page.quantityText(quantity), quantity), x: page.join(page.number(x), unit),
      p: page.chance(chance),
    });
    const old = changed && page.before(quantity.name) ? page.chance(base.above(quantity.name, x)) : "";
    const other = old && old !== page.chance(chance);
    page.put(page.at("chance"), other ? page.join(told, page.say("chance_was", { p: old })) : told);
  };

  // The base's curve to lay behind, where the base differs and is on the same scale.
  const behind = (world, which, log) => {
    const { base, changed, view } = page.app;
    if (!changed || !page.quantityOf(base, view.of) || base.curve(view.of) === world.curve(view.of)) return null;
    const found = base[which](view.of);
    return found.log === log ? found : null;
  };

  // The scale of the axis: the one that is shown, unless what is to be seen leaves it or shrinks within it.
  const across = (log, ends, key) => {
    const to = figure.width - 14;
    const f = log ? Math.log : (v) => v;
    const [low, high] = page.limits(log, ends);
    const same = axis && axis.key === key && axis.log === log && axis.to === to;
    if (same) {
      const [a, b] = [f(axis.low), f(axis.high)];
      const inside = f(low) >= a - 1e-9 && f(high) <= b + 1e-9;
      if (inside && f(high) - f(low) > 0.45 * (b - a)) return axis.scale;
    }
    axis = { key, log, low, high, to, scale: page.scale(log, low, high, 14, to) };
    return axis.scale;
  };

  // The ends of what a curve shows, its atoms included.
  const reach = (curve) => {
    const ends = curve.x.length ? [curve.x[0], curve.x[curve.x.length - 1]] : [];
    return [...ends, ...(curve.atoms || []).map((atom) => atom[0])];
  };

  // The marks of the density: base behind, interval darker, median, threshold.
  const densityMarks = (world, x) => {
    const { view } = page.app;
    const [curve, s] = [world.curve(view.of), world.summary(view.of)];
    const old = behind(world, "curve", curve.log);
    const scale = across(curve.log, [...reach(curve), ...(old ? reach(old) : [])], `d ${view.of}`);
    const top = Math.max(page.largest(curve.y), old ? page.largest(old.y) : 0) || 1;
    const up = page.scale(false, 0, top, FOOT, 26);
    const marks = page.axis(scale, { top: 10, foot: FOOT, width: figure.width });
    if (old && old.x.length) {
      marks.push({
        id: "old", tag: "path", d: page.area(old.x, old.y, scale, up), fill: "var(--muted)", "fill-opacity": 0.12,
        stroke: "var(--muted)", "stroke-width": 1.2, "stroke-dasharray": "4 3",
      });
    }
    if (curve.x.length) marks.push(...hill(curve, s, scale, up));
    marks.push(...page.stems(curve.atoms, scale, [FOOT, 40], "s", "var(--series-0)", true));
    marks.push(...foot(s, scale, up, curve));
    return [...marks, ...legend(old), ...thresholdMarks(scale, x)];
  };

  // A density: the whole light, the interval darker, a line above.
  const hill = (curve, s, scale, up) => [
    {
      id: "all", tag: "path", d: page.area(curve.x, curve.y, scale, up), fill: "var(--series-0)",
      "fill-opacity": 0.14, stroke: "none",
    },
    {
      id: "inside", tag: "path", d: page.area(curve.x, curve.y, scale, up, s.low.value, s.high.value),
      fill: "var(--series-0)", "fill-opacity": 0.26, stroke: "none",
    },
    {
      id: "line", tag: "path", d: page.line(curve.x, curve.y, scale, up), fill: "none", stroke: "var(--series-0)",
      "stroke-width": 2, "stroke-linejoin": "round",
    },
  ];

  // The interval along the foot, and the median.
  const foot = (s, scale, up, curve) => {
    const within = (v) => Math.min(Math.max(scale.at(v), scale.from), scale.to);
    const [a, m, b] = [s.low.value, s.median.value, s.high.value].map(within);
    if (![a, m, b].every(Number.isFinite)) return [];
    return [
      {
        id: "median", tag: "line", x1: m, x2: m, y1: FOOT, y2: up.at(page.heightAt(curve, s.median.value)),
        stroke: "var(--series-0)", "stroke-width": 1.4,
      },
      {
        id: "interval", tag: "line", x1: a, x2: b, y1: FOOT, y2: FOOT, stroke: "var(--series-0)", "stroke-width": 4,
      },
      {
        id: "dot", tag: "circle", cx: m, cy: FOOT, r: 5, fill: "var(--background)", stroke: "var(--series-0)",
        "stroke-width": 2,
      },
    ];
  };

  // What the dashed curve is.
  const legend = (old) => (old ? [{
    id: "legend", tag: "text", x: figure.width - 4, y: 14, "text-anchor": "end", "font-size": 12, fill: "var(--muted)",
    text: page.say("legend_before"),
  }] : []);

  // The threshold's line, from top to foot.
  const thresholdMarks = (scale, x) => {
    const at = Math.min(Math.max(scale.at(x), scale.from), scale.to);
    if (!Number.isFinite(at)) return [];
    return [{
      id: "threshold", tag: "line", x1: at, x2: at, y1: 22, y2: FOOT, stroke: "var(--series-1)", "stroke-width": 1.6,
    }];
  };

  // The marks of the exceedance: base behind, P(> x), threshold with its probability.
  const exceedanceMarks = (world, x, chance) => {
    const { view } = page.app;
    const line = world.exceedance(view.of);
    const old = behind(world, "exceedance", line.log);
    const ends = (c) => (c.x.length > 20 ? [c.x[2], c.x[c.x.length - 3]] : [...c.x]);
    const scale = across(line.log, [...ends(line), ...(old ? ends(old) : [])], `e ${view.of}`);
    const up = page.scale(false, 0, 1, FOOT, 26);
    const labels = [0.25, 0.5, 0.75, 1].map((p) => ({ value: p, label: `${100 * p} %` }));
    const marks = page.axis(scale, { top: 10, foot: FOOT, width: figure.width });
    marks.push(...labels.flatMap(({ value, label }, i) => [
      {
        id: `level${i}`, tag: "line", x1: scale.from, x2: scale.to, y1: up.at(value), y2: up.at(value),
        stroke: "var(--grid)", "stroke-width": 1,
      },
      {
        id: `p${i}`, tag: "text", x: scale.to, "text-anchor": "end", y: up.at(value) + 13, "font-size": 11.5,
        fill: "var(--muted)", text: label,
      },
    ]));
    const inside = (c) => ({
      d: page.line(c.x.map((v) => Math.min(Math.max(v, scale.low), scale.high)), c.p, scale, up), fill: "none",
      "stroke-linejoin": "round",
    });
    if (old) {
      marks.push({
        id: "old", tag: "path", ...inside(old), stroke: "var(--muted)", "stroke-width": 1.4, "stroke-dasharray": "4 3",
      });
    }
    marks.push({ id: "line", tag: "path", ...inside(line), stroke: "var(--series-0)", "stroke-width": 2.2 });
    marks.push(...legend(old), ...thresholdMarks(scale, x));
    marks.push({
      id: "point", tag: "circle", cx: Math.min(Math.max(scale.at(x), scale.from), scale.to), cy: up.at(chance.value),
      r: 4.5, fill: "var(--background)", stroke: "var(--series-1)", "stroke-width": 2,
    });
    return marks;
  };

  // Put the threshold's handle on its line, and say its value.
  const placeHandle = (quantity, x, chance) => {
    const { scale } = axis;
    const at = Math.min(Math.max(scale.at(x), scale.from), scale.to);
    handle.style.transform = `translate(${Number.isFinite(at) ? Math.round(at * 10) / 10 : 0}px, 22px)`;
    page.mark(handle, "aria-label", page.say("threshold_of", { quantity: page.dated(page.quantityText(quantity), quantity) }));
    page.mark(handle, "aria-valuemin", page.rounded(scale.low, 4));
    page.mark(handle, "aria-valuemax", page.rounded(scale.high, 4));
    page.mark(handle, "aria-valuenow", page.rounded(x, 6));
    page.mark(handle, "aria-valuetext", page.say("threshold_value", {
      x: page.number(page.rounded(x, 4)), p: page.percent(chance.value),
    }));
  };

  // Title, description and numbers of the chosen quantity's figure, at rest.
  page.tellChosen = () => {
    const { world, base, view, changed } = page.app;
    const quantity = page.quantityOf(world, view.of);
    const s = world.summary(view.of);
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    const title = page.dated(page.quantityText(quantity), quantity) + (unit ? page.say("in_unit", { unit }) : "");
    const ends = s.constant ? "" : page.say("label_interval", { low: page.number(s.low), high: page.number(s.high) });
    figure.tell({
      title, note: page.say(`${view.mode}_note`),
      label: page.say("label_chosen", { title, mode: page.say(view.mode), median: page.number(s.median), ends }),
    });
    const old = changed && page.quantityOf(base, view.of) ? base : null;
    const row = (name, of) => [name, of(world), ...(old ? [of(old)] : [])];
    const figures = (pick) => (w) => {
      const found = pick(w.summary(view.of));
      return found ? page.engine.text.readable(found.value, found.mcse) : page.say("no_mean");
    };
    const beyond = (x) => (w) => page.chance(w.above(view.of, x));
    const thresholds = [page.threshold(), ...s.constant ? [] : axisValues()];
    figure.table([page.say("what"), page.say("now"), ...(old ? [page.say("before")] : [])], [
      row(page.say("median"), figures((f) => f.median)), row("5 %", figures((f) => f.low)),
      row("95 %", figures((f) => f.high)), row(page.say("mean"), figures((f) => f.mean)),
      ...thresholds.map((x) => row(`P(> ${page.number(x)})`, beyond(x))),
    ]);
  };

  // The values at which the axis has ticks.
  const axisValues = () => (axis ? page.ticks(axis.scale, { size: 12, ends: [1, figure.width - 1], vertical: false })
    .map((tick) => tick.value) : []);
})();
