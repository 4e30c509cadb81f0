(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const SHOWN = 10; // rows of a figure
  const made = {};

  // Make the figures that follow at rest.
  page.makeMore = () => {
    made.moved = page.figure(page.at("moved-figure"), "attribution");
    made.tornado = page.figure(page.at("matters"), "tornado");
    made.next = page.figure(page.at("matters"), "next");
    made.crossover = page.figure(page.at("model"), "crossover");
    made.modalities = page.figure(page.at("model"), "modalities");
    made.demand = page.figure(page.at("model"), "demand");
  };

  // The chosen quantity, its text and its unit in brackets.
  const chosen = () => {
    const { world, view } = page.app;
    const quantity = page.quantityOf(world, view.of);
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    return { quantity, text: page.quantityText(quantity), unit, name: page.dated(page.shortName(quantity.name), quantity) };
  };

  // A number in words, or with its error for a table.
  const readable = (x) => {
    const { value, mcse } = page.estimate(x);
    return page.engine.text.readable(value, mcse);
  };

  // A figure that has nothing to show is hidden; true where it has.
  const shown = (figure, something) => {
    figure.node.hidden = !something;
    return something;
  };

  // What moved the answer: the base against what is shown.
  page.showMoved = () => {
    const { base, world, view, changed } = page.app;
    page.at("moved").hidden = !changed;
    if (!changed) return;
    const found = page.quantityOf(base, view.of) ? page.engine.attribution(base, world, view.of)
      : { reason: page.say("was_none") };
    const rows = found.reason ? [] : found.rows.filter((row) => Number.isFinite(row.value));
    const reason = found.reason || (rows.length ? "" : page.say("moved_nothing"));
    page.put(page.at("moved-reason"), reason);
    page.at("moved-reason").hidden = !reason;
    if (shown(made.moved, rows.length)) drawMoved(found, rows);
  };

  // The name of what moved together: what was edited of it, and how many priors that are correlated with it.
  const teamName = (team) => {
    const names = team.split(" + ");
    const own = names.filter((name) => (page.priorOf(page.app.world, name) || {}).edited);
    const told = (own.length ? own : names).slice(0, 3).map(page.shortName).join(page.say("comma"));
    const rest = names.length - (own.length ? own : names).slice(0, 3).length;
    return rest ? page.join(told, page.say("with_correlated", { count: rest })) : told;
  };

  // The bars of what moved the answer: each begins where the one before has brought it.
  const drawMoved = (found, rows) => {
    const { log } = found;
    const start = log ? 1 : 0;
    let at = start;
    const told = (v) => (log ? page.factor(v) : page.number(v));
    const bars = rows.map((row) => {
      const from = at;
      at = log ? at * row.value : at + row.value;
      const up = at >= from;
      return {
        key: row.prior, name: teamName(row.prior), value: told(row.value),
        parts: [page.bar(from, at, up ? "var(--series-1)" : "var(--series-0)")],
      };
    });
    bars.push({
      key: "whole", name: page.say("all_together"), value: told(found.whole),
      parts: [page.bar(start, found.whole, "var(--muted)")],
    });
    const [low, high] = page.limits(log, [start, ...bars.flatMap((bar) => [bar.parts[0].from, bar.parts[0].to])], 0.08);
    const scale = page.scale(log, low, high, 8, made.moved.width - 8);
    const { name } = chosen();
    made.moved.tell({
      title: page.say("moved_figure", { quantity: name }), note: page.say(log ? "moved_note" : "moved_note_linear"),
      label: `${page.say("moved_figure", { quantity: name })}: ${bars.map((b) => `${b.name} ${b.value}`).join("; ")}`,
    });
    made.moved.draw(page.rowMarks(made.moved.width, bars, scale, start), page.rowsHeight(bars.length));
    made.moved.table([page.say("prior"), page.say(log ? "factor" : "difference")], bars.map((b) => [b.name, b.value]));
  };

  // The tornado: the median with each prior at its 5 % and 95 % points.
  page.showTornado = () => {
    const { world, view } = page.app;
    const all = page.engine.tornado(world, view.of);
    const rows = all.filter((row) => [row.low.value, row.high.value].every(Number.isFinite));
    if (!shown(made.tornado, rows.length)) return;
    const middle = world.summary(view.of).median.value;
    const ends = rows.flatMap((row) => [row.low.value, row.high.value]);
    const log = ends.every((x) => x > 0);
    const [low, high] = page.limits(log, [middle, ...ends], 0.05);
    const scale = page.scale(log, low, high, 8, made.tornado.width - 8);
    const bars = rows.slice(0, SHOWN).map((row) => ({
      key: row.prior, name: page.shortName(row.prior),
      value: page.say("to", { low: page.brief(row.low), high: page.brief(row.high) }),
      parts: [page.bar(middle, row.low.value, "var(--series-0)"), page.bar(middle, row.high.value, "var(--series-1)")],
    }));
    const title = page.say("tornado_figure", { quantity: chosen().name });
    made.tornado.tell({
      title, note: page.say("tornado_note"), label: `${title}: ${bars.map((b) => `${b.name} ${b.value}`).join("; ")}`,
    });
    chips(rows.filter((row) => page.priorOf(world, row.prior)).slice(0, 5)); // steps of random walks have no cards
    made.tornado.draw(page.rowMarks(made.tornado.width, bars, scale, middle), page.rowsHeight(bars.length));
    made.tornado.table([page.say("prior"), page.say("at_low"), page.say("at_high")],
      rows.map((row) => [page.shortName(row.prior), readable(row.low), readable(row.high)]));
  };

  // Buttons beneath the tornado that lead to the priors at its top.
  const chips = (rows) => {
    made.chips = made.chips || page.make("p", { class: "chips" });
    if (!made.chips.isConnected) made.tornado.stage.after(made.chips);
    const key = `${page.lang()} ${rows.map((row) => row.prior).join()}`;
    if (made.chips.dataset.key === key) return;
    made.chips.dataset.key = key;
    made.chips.replaceChildren(page.make("span", {}, page.say("go_to")), ...rows.map((row) => (
      page.make("button", { type: "button", onclick: () => page.goTo(row.prior) }, page.shortName(row.prior)))));
  };

  // What to find out next: the width of the interval that is left once a prior is known.
  page.showNext = () => {
    const { world, view } = page.app;
    const found = page.engine.next(world, view.of);
    const { log } = found;
    const span = (e) => (log ? Math.exp(e.value) : e.value);
    const rows = found.rows.filter((row) => Number.isFinite(row.width.value));
    if (!shown(made.next, rows.length)) return;
    const whole = span(found.width);
    const start = log ? 1 : 0;
    const [, high] = page.limits(log, [start, whole, ...rows.map((row) => span(row.width))], 0.05);
    const scale = page.scale(log, start, Math.max(high, log ? 1.5 : 1e-300), 8, made.next.width - 8);
    const told = (e) => (log ? page.factor(span(e)) : page.number(span(e)));
    const bars = rows.slice(0, SHOWN).map((row) => ({
      key: row.prior, name: page.shortName(row.prior), value: told(row.width),
      parts: [page.bar(start, whole, "var(--grid)"), page.bar(start, span(row.width), "var(--series-0)")],
    }));
    const title = page.say("next_figure", { quantity: chosen().name });
    const width = log ? page.engine.text.short(whole) : page.number(whole);
    const note = page.say(log ? "next_note" : "next_linear", { width });
    made.next.tell({ title, note, label: `${title}. ${note} ${bars.map((b) => `${b.name} ${b.value}`).join("; ")}` });
    made.next.draw(page.rowMarks(made.next.width, bars, scale, whole), page.rowsHeight(bars.length));
    const heads = ["prior", "grade", "width_left", "rank", "correlated"].map((key) => page.say(key));
    made.next.table(heads, rows.map((row) => [
      page.shortName(row.prior), row.grade, told(row.width), page.engine.text.figures(row.rank, 0.005),
      page.say(row.correlated ? "yes" : "no"),
    ]));
  };

  // The crossover: inference compute over training compute after so many minutes of video.
  page.showCrossover = () => {
    const { world } = page.app;
    if (!shown(made.crossover, page.quantityOf(world, "breakeven_minutes"))) return;
    const { minutes, ratio } = page.engine.crossover(world);
    const s = world.summary("breakeven_minutes");
    const figure = made.crossover;
    const height = 270;
    const [left, foot] = [52, height - 26];
    const across = page.scale(true, minutes[0], minutes[minutes.length - 1], left, figure.width - 10);
    const values = [...ratio.low, ...ratio.high].filter((v) => v > 0 && Number.isFinite(v));
    const up = page.scale(true, Math.max(Math.min(...values), 1e-4), Math.min(Math.max(...values), 1e4), foot, 12);
    const cut = (line) => line.map((v) => Math.min(Math.max(v, up.low), up.high));
    const plain = page.join(page.say("crossover_figure", { minutes: page.number(s.median) }));
    const title = page.dated(plain, page.quantityOf(world, "breakeven_minutes"));
    const ends = page.say("range", { low: page.number(s.low), high: page.number(s.high) });
    figure.tell({ title, note: page.join(page.say("crossover_note", { ends })), label: `${title} ${ends}` });
    figure.draw([
      ...page.axis(across, { top: 12, foot, width: figure.width }),
      ...page.verticalAxis(up, { left, right: figure.width - 10 }),
      ...crossing(s, across, up, foot),
      {
        id: "band", tag: "path", d: page.band(minutes, cut(ratio.low), cut(ratio.high), across, up),
        fill: "var(--series-0)", "fill-opacity": 0.18, stroke: "none",
      },
      {
        id: "line", tag: "path", d: page.line(minutes, cut(ratio.median), across, up), fill: "none",
        stroke: "var(--series-0)", "stroke-width": 2,
      },
    ], height);
    const every = [...minutes.keys()].filter((i) => i % 6 === 0);
    figure.table(["minutes", "ratio_low", "median", "ratio_high"].map((key) => page.say(key)), every.map((i) => (
      [minutes[i], ratio.low[i], ratio.median[i], ratio.high[i]].map((x) => page.number(page.rounded(x, 3))))));
  };

  // Where inference has cost as much as training: the line at 1, the breakeven and its interval.
  const crossing = (s, across, up, foot) => {
    const at = (e) => Math.min(Math.max(across.at(e.value), across.from), across.to);
    const [a, m, b] = [at(s.low), at(s.median), at(s.high)];
    if (![a, m, b].every(Number.isFinite)) return [];
    const one = up.at(1);
    return [
      {
        id: "breakeven", tag: "rect", x: a, y: 12, width: Math.max(b - a, 1), height: foot - 12,
        fill: "var(--series-2)", "fill-opacity": 0.2,
      },
      { id: "one", tag: "line", x1: across.from, x2: across.to, y1: one, y2: one, stroke: "var(--ink)",
        "stroke-width": 1, "stroke-dasharray": "4 3" },
      { id: "middle", tag: "line", x1: m, x2: m, y1: one, y2: foot, stroke: "var(--ink)", "stroke-width": 1 },
    ];
  };

  // Rows of an interval and its median each, on a log scale.
  const intervals = (figure, rows, title, note, heads) => {
    const good = rows.filter((row) => [row.low, row.median, row.high].every((x) => x > 0 && Number.isFinite(x)));
    if (!shown(figure, good.length)) return;
    const [low, high] = page.limits(true, good.flatMap((row) => [row.low, row.high]), 0.05);
    const scale = page.scale(true, low, high, 8, figure.width - 8);
    const bars = good.map((row) => ({
      key: row.key, name: row.name, value: row.told,
      parts: [page.bar(row.low, row.high, "var(--series-0)", { thin: true }), page.dot(row.median, "var(--series-0)")],
    }));
    figure.tell({ title, note, label: `${title}: ${bars.map((b) => `${b.name} ${b.value}`).join("; ")}` });
    figure.draw(page.rowMarks(figure.width, bars, scale), page.rowsHeight(bars.length));
    const cells = (row) => [row.median, row.low, row.high].map((x) => page.number(page.rounded(x, 3)));
    figure.table(heads.map((key) => page.say(key)), good.map((row) => [row.name, ...cells(row), ...row.more]));
  };

  // A name of the engine's that the catalogue may have in the language.
  const stepName = (name) => page.catalogue[page.lang()].steps[name] || name;

  // A title with the year of the quantity that its figure is of.
  const of = (key, name) => page.dated(page.say(key), page.quantityOf(page.app.world, name) || {});

  // Other modalities, to hold a minute of video against.
  page.showModalities = () => {
    if (!page.engine.modalities(page.app.world).length) return;
    const rows = page.engine.modalities(page.app.world).map((row) => ({
      ...row, key: row.name, name: stepName(row.name), told: page.number(page.rounded(page.value(row.median), 3)),
      more: [],
    }));
    intervals(made.modalities, rows.map(plain), of("modalities_figure", "inference_flop_per_minute"), page.say("modalities_note"),
      ["output", "median", "low", "high"]);
  };

  // A row with bare numbers.
  const plain = (row) => {
    const [low, median, high] = [row.low, row.median, row.high].map(page.value);
    return { ...row, low, median, high };
  };

  // From uploaded minutes to the GPUs that serve the peak.
  page.showDemand = () => {
    if (!page.app.world.model.told.demandSteps.length) return;
    const rows = page.engine.demand(page.app.world).map((row) => ({
      ...row, key: row.name, name: stepName(row.name),
      told: [row.factor ? page.factor(row.factor) : "", page.number(page.rounded(page.value(row.median), 3))]
        .filter(Boolean).join("  →  "),
      more: [row.factor ? page.factor(row.factor) : ""],
    }));
    intervals(made.demand, rows.map(plain), of("demand_figure", "inference_h100s"), page.say("demand_note"),
      ["step", "median", "low", "high", "factor"]);
  };

  // All quantities, with their formulas, while their section is open.
  page.showAll = () => {
    if (!page.at("all").open) return;
    const { world } = page.app;
    const heads = ["quantity", "median", "interval", "unit", "formula"].map((key) => page.say(key));
    page.fill(page.at("all-table"), heads, world.quantities.map((q) => {
      const s = world.summary(q.name);
      const both = { low: page.number(s.low), high: page.number(s.high) };
      const ends = s.constant ? page.say("exact") : page.say("to", both);
      const never = s.infinite ? ` ${page.say("never", { share: page.percent(s.infinite) })}` : "";
      return [page.quantityText(q), page.number(s.median), ends + never, page.unitText(q.unit, q.unitWords) || "1",
        { text: `${q.name} = ${q.formula}`, lang: "en" }];
    }));
  };
})();
