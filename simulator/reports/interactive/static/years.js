(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const HEIGHT = 290;
  const FOOT = HEIGHT - 26;
  const TOP = 22;
  const HALO = { "paint-order": "stroke", stroke: "var(--background)", "stroke-width": 3 };
  let figure = null;

  // Make the figure of the years, with a button for its numbers as a file.
  page.makeYears = () => {
    if (!page.years().length) return;
    figure = page.figure(page.at("years-figure"), "years");
    const save = page.make("button", { type: "button", class: "quiet", id: "save-years", onclick: () => {
      const { world, view } = page.app;
      const text = page.engine.fanCsv(world, view.of, view.above);
      page.download(`${page.fileName("years")}.csv`, new Blob([text], { type: "text/plain;charset=utf-8" }));
    } }, "CSV");
    page.mark(save, "data-label", "download_csv");
    figure.node.querySelector(".tools").append(save);
  };

  // What lies beyond what is thought possible: a line for each quantity and statistic.
  page.showBeyond = () => {
    const { world } = page.app;
    const list = page.at("beyond");
    const found = page.engine.beyond(world);
    list.hidden = !found.length;
    const texts = found.map((each) => (page.lang() === "en" ? each.text : toldBeyond(each, world)));
    while (list.children.length > texts.length) list.lastChild.remove();
    while (list.children.length < texts.length) list.append(page.make("li", {}));
    texts.forEach((text, i) => page.put(list.children[i], text));
  };

  // Such a line in another language than the program's.
  const toldBeyond = (each, world) => {
    const quantity = page.quantityOf(world, each.quantity);
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    return page.join(page.say("beyond", {
      quantity: page.quantityText(quantity), statistic: each.statistic === "median" ? page.say("median")
        : page.say("quantile_at", { p: parseFloat(each.statistic) }), label: each.label,
      years: spanned(each.years), year: each.years[each.years.length - 1], source: each.source,
      value: page.join(page.number(each.value), unit), bound: page.join(page.number(each.bound), unit),
    }));
  };

  // Years in words: from the first to the last where none between them is left out.
  const spanned = (years) => {
    const [first, last] = [years[0], years[years.length - 1]];
    const whole = years.length > 2 && last - first === years.length - 1;
    return whole ? page.say("to", { low: first, high: last }) : years.join(page.say("comma"));
  };

  // The chosen quantity over the years, where it moves; beside it what it was.
  page.showYears = () => {
    const { world, base, view, changed } = page.app;
    page.at("years").hidden = !world.years.length;
    if (!world.years.length) return;
    const quantity = page.quantityOf(world, view.of);
    const moves = world.moves(view.of);
    figure.node.hidden = !moves;
    page.put(page.at("crossing"), moves ? sayCrossing(world, quantity) : page.say("still", {
      quantity: page.quantityText(quantity),
    }));
    if (!moves) return;
    const rows = page.engine.fan(world, view.of, view.above);
    const old = changed && base.moves(view.of) ? page.engine.fan(base, view.of, view.above) : null;
    tell(quantity, rows, old);
    figure.draw(marksOf(rows, old), HEIGHT);
  };

  // When the threshold is crossed, and in which share of the worlds by the last year.
  const sayCrossing = (world, quantity) => {
    const { view, base, changed } = page.app;
    if (view.above === null) return page.say("crossing_none");
    const told = (w) => {
      const { median, reached } = page.engine.first(w, view.of, view.above);
      const year = Number.isFinite(median.value) ? median.value.toFixed(1) : "";
      return { year, chance: page.chance(reached) };
    };
    const last = world.years[world.years.length - 1];
    const name = page.quantityText(quantity).replace(/(, |，)\d{4}( 年)?$/, "");
    const x = page.join(page.number(view.above), page.unitText(quantity.unit, quantity.unitWords));
    const { year, chance } = told(world);
    const text = page.say(year ? "crossing" : "crossing_never", { quantity: name, x, p: chance, last, year });
    const was = changed && base.moves(view.of) ? told(base) : null;
    const same = !was || (was.year === year && was.chance === chance);
    return same ? text : page.join(text, page.say(was.year ? "crossing_was" : "crossing_was_never", {
      year: was.year, p: was.chance,
    }));
  };

  // Title, note, label and numbers of the figure.
  const tell = (quantity, rows, old) => {
    const { above } = page.app.view;
    const unit = page.unitText(quantity.unit, quantity.unitWords);
    const text = page.quantityText(quantity).replace(/(, |，)\d{4}( 年)?$/, "");
    const title = page.say("years_figure", { quantity: text }) + (unit ? page.say("in_unit", { unit }) : "");
    const said = rows.map((row) => `${row.year} ${page.number(row.median)} ${page.say("range", {
      low: page.number(row.low), high: page.number(row.high),
    })}`);
    figure.tell({ title, note: page.say(above === null ? "years_note" : "years_note_crossed"), label: `${title}: ${said.join("; ")}` });
    const to = (a, b) => page.say("to", { low: page.number(a), high: page.number(b) });
    const beyond = above === null ? [] : [`P(> ${page.number(above)})`, page.say("crossed_by")];
    const heads = [page.say("year"), page.say("median"), page.say("half"), page.say("interval"), ...beyond];
    figure.table([...heads, ...(old ? [page.say("median_before"), page.say("interval_before")] : [])],
      rows.map((row, i) => [
        String(row.year), readable(row.median), to(row.lower, row.upper), to(row.low, row.high),
        ...(above === null ? [] : [page.chance(row.above), page.chance(row.crossed)]),
        ...(old ? [readable(old[i].median), to(old[i].low, old[i].high)] : []),
      ]));
  };

  // A number with its error.
  const readable = (e) => page.engine.text.readable(e.value, e.mcse);

  // The scales of the picture: years across, the quantity upwards, with room for the lines that are drawn on it.
  const scales = (rows, old, lines) => {
    const years = rows.map((row) => row.year);
    const both = [...rows, ...(old || [])];
    const ends = both.flatMap((row) => [row.low.value, row.high.value, row.median.value]);
    const log = ends.every((v) => v > 0);
    const [low, high] = page.limits(log, [...ends, ...lines], 0.06);
    const up = page.scale(log, low, high, FOOT, TOP);
    const left = page.axisRoom(up);
    const single = years.length === 1;
    const across = page.scale(false, years[0] - (single ? 1 : 0), years[years.length - 1] + (single ? 1 : 0),
      left + 14, figure.width - 18);
    return { across, up, left };
  };

  // The marks of the fan: old behind, half and 90 % of the worlds, median, threshold, what is thought possible.
  const marksOf = (rows, old) => {
    const { world, view } = page.app;
    const line = page.engine.line(world, view.of);
    const bounds = line ? rows.map((row) => [row.year, line.at(row.year)]).filter((pair) => pair[1] !== null) : [];
    const beside = [...bounds.map((pair) => pair[1]), ...(view.above === null ? [] : [view.above])];
    const { across, up, left } = scales(rows, old, beside);
    const right = figure.width - 8;
    const years = rows.map((row) => row.year);
    const free = bounds.length && bounds[bounds.length - 1][0] < years[years.length - 1]; // of labels, to the right
    const part = (list, key) => list.map((row) => Math.min(Math.max(row[key].value, up.low), up.high));
    const band = (id, low, high, opacity) => ({
      id, tag: "path", d: page.band(years, part(rows, low), part(rows, high), across, up), fill: "var(--series-0)",
      "fill-opacity": opacity, stroke: "none",
    });
    return [
      ...yearAxis(years, across, left, right), ...page.verticalAxis(up, { left, right }),
      ...marked(world.year, across), band("all", "low", "high", 0.16), band("half", "lower", "upper", 0.26),
      ...(old ? formerMarks(years, old, part, across, up) : []),
      {
        id: "median", tag: "path", d: page.line(years, part(rows, "median"), across, up), fill: "none",
        stroke: "var(--series-0)", "stroke-width": 2,
      },
      ...years.map((year, i) => ({
        id: `m${year}`, tag: "circle", cx: across.at(year), cy: up.at(part(rows, "median")[i]), r: 4,
        fill: "var(--background)", stroke: "var(--series-0)", "stroke-width": 2,
      })),
      ...endless(rows, across), ...thresholdMarks(rows, across, up, [left, right], free),
      ...boundMarks(line, bounds, across, up, left, right),
    ];
  };

  // The years beneath the picture; of many, as many as have room.
  const yearAxis = (years, across, left, right) => {
    const shown = roomy(years, across);
    return [
      { id: "axis", tag: "line", x1: left, x2: right, y1: FOOT, y2: FOOT, stroke: "var(--muted)", "stroke-width": 1 },
      ...shown.map((year) => ({
        id: `year${year}`, tag: "text", x: across.at(year), y: FOOT + 17, "text-anchor": "middle", "font-size": 12,
        fill: "var(--muted)", text: String(year),
      })),
    ];
  };

  // The years whose labels have room beside one another, the last among them.
  const roomy = (years, across) => {
    let next = Infinity;
    return [...years].reverse().filter((year) => {
      if (next - across.at(year) < 40) return false;
      next = across.at(year);
      return true;
    }).reverse();
  };

  // The year in which the page stands.
  const marked = (year, across) => [{
    id: "stands", tag: "line", x1: across.at(year), x2: across.at(year), y1: TOP, y2: FOOT, stroke: "var(--muted)",
    "stroke-width": 1, "stroke-dasharray": "1 3",
  }];

  // What it was: the ends of its interval and its median, dashed.
  const formerMarks = (years, old, part, across, up) => [
    ...["low", "high", "median"].map((key) => ({
      id: `old ${key}`, tag: "path", d: page.line(years, part(old, key), across, up), fill: "none",
      stroke: "var(--muted)", "stroke-width": key === "median" ? 2 : 1.2, "stroke-dasharray": "4 3",
    })),
    {
      id: "legend", tag: "text", x: figure.width - 8, y: 13, "text-anchor": "end", "font-size": 12,
      fill: "var(--muted)", text: page.say("legend_before"),
    },
  ];

  // A triangle above each year whose interval has no upper end.
  const endless = (rows, across) => rows.filter((row) => row.high.value === Infinity).map((row) => {
    const x = Math.round(across.at(row.year) * 10) / 10;
    return {
      id: `endless${row.year}`, tag: "path", d: `M${x - 5} ${TOP - 2}L${x + 5} ${TOP - 2}L${x} ${TOP - 10}Z`,
      fill: "var(--series-0)",
    };
  });

  // The threshold across the years, with the share of the worlds that have been above it by each.
  const thresholdMarks = (rows, across, up, [left, right], free) => {
    const { above } = page.app.view;
    const y = above === null ? NaN : up.at(above);
    if (!Number.isFinite(y) || above < up.low || above > up.high) return [];
    return [{
      id: "threshold", tag: "line", x1: left, x2: right, y1: y, y2: y, stroke: "var(--series-1)", "stroke-width": 1.6,
    }, {
      id: "threshold text", tag: "text", x: free ? right : left + 4, y: y - 5, "font-size": 12, fill: "var(--ink)",
      "text-anchor": free ? "end" : "start", ...HALO, text: `> ${page.brief(above)}`,
    }, ...roomy(rows.map((row) => row.year), across).map((year) => ({
      id: `by${year}`, tag: "text", x: Math.min(across.at(year), right - 16), y: y + 14, "text-anchor": "middle",
      "font-size": 11.5, fill: "var(--ink)", ...HALO, text: percent(rows.find((row) => row.year === year).crossed.value),
    }))];
  };

  // A share as whole percents.
  const percent = (p) => (p > 0 && p < 0.005 ? "< 1 %" : p < 1 && p >= 0.995 ? "> 99 %" : `${Math.round(100 * p)} %`);

  // What is thought possible, by year, with what it is.
  const boundMarks = (line, bounds, across, up, left, right) => {
    if (!bounds.length) return [];
    const [xs, ys] = [bounds.map((pair) => pair[0]), bounds.map((pair) => pair[1])];
    const last = bounds.length - 1;
    const x = Math.min(across.at(xs[last]) + 10, right);
    return [
      {
        id: "bound", tag: "path", d: page.line(xs, ys, across, up), fill: "none", stroke: "var(--ink)",
        "stroke-width": 1.6, "stroke-dasharray": "7 3",
      },
      {
        id: "bound text", tag: "text", x, y: up.at(ys[last]) - 7,
        "text-anchor": "end", "font-size": 12, fill: "var(--ink)", ...HALO,
        text: page.clipped(page.say("thought_possible", { label: line.label }), 12, x - left),
      },
    ];
  };
})();
