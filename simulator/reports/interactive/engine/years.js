// Years: a world in each of them, what priors have become by then, a quantity over all of them, and when it crosses a bound.
const $moved = (q, [value, growth, ...steps]) => {
  const n = [value, growth, ...steps].reduce((most, v) => Math.max(most, v.length), 1), array = (v) => new $Array(v, [v.length]);
  const walk = steps.length ? $mul(q.noise, $py.sum(steps.map(array))) : null;
  const made = $compute_moving.moved(array(value), array(growth), q.passed, walk, q.share).data;
  return made.length === n ? made : new Float64Array(n).fill(made[0]);
};
Object.assign($World.prototype, {
  // Stand in a year, or in none: the quantities are those of the year, and all else is as it was.
  stand(year) {
    const { model } = this.priorSet;
    [this.year, this.drawn, this.summaries] = [year, new Map(), new Map()];
    this.model = this.years.length ? year === null ? model.base : model.in(year) : model;
    this.sisters.set(year, this);
  },
  // The same world in another year; itself in one that it has not.
  at(year) {
    if (this.sisters.has(year)) return this.sisters.get(year);
    if (year !== null && !this.years.includes(year)) return this;
    const { engine, state, rough, mistakes, priorSet, years, sisters, tags } = this;
    const other = Object.assign(Object.create($World.prototype), { engine, state, rough, mistakes, priorSet, years, sisters, tags });
    other.stand(year);
    return other;
  },
  // Whether a quantity is another one in another year.
  moves(name) { return this.year !== null && this.model.quantities.has(name) && this.model.quantities.at(name).year !== undefined; },
  // The name of a quantity as the program has it, with its year where it moves.
  dated(name) { return this.moves(name) && !name.includes("@") ? `${name}@${this.year}` : name; },
  // The name of a quantity of this world in another year: what a prior has become is called by the year.
  named(name, year) { return this.moves(name) ? name.replace(/@\d+$/, `@${year}`) : name; },
  // The set in which each prior with a trend is not 0, as the program wants it over years.
  growing(chosen) {
    if (chosen.years.length) for (const [n, t] of chosen.trends.items()) {
      const wrong = !t.still && chosen.priors.at(n).distribution.value === 0;
      if (wrong) throw $raised($base_errors.InputError, `--set ${n}: ${n} is 0, and 0 does not grow: leave out its trend`);
    }
    return chosen;
  },
  // What is told of trends on a card: from which year a prior moves, or which prior a growth moves and how.
  trend(name) {
    if (!this.years.length) return {};
    const { trends } = this.priorSet, own = trends.get(name), of = name.startsWith("trends.") ? name.slice(7) : "", moves = of && trends.get(of);
    if (own) return { from: own.start };
    return moves ? { grows: of, grown: this.model.inputs.at(of).text, start: moves.start, noise: moves.noise, odds: this.model.quantities.at(this.model.current(of)).share } : {};
  },
});
const $over_years = {
  // Quantiles of a quantity in each year, the chance of more than x, and the share of worlds that have been above it by then.
  fan(world, name, x = null) {
    const crossed = x === null ? null : $crossed(world, name, x);
    return world.years.map((year) => {
      const w = world.at(year), s = w.sample(world.named(name, year)), at = (p) => $statistics_estimators.quantile(s, p);
      const [low, lower, median, upper, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map(at);
      return { year, low, lower, median, upper, high, ...(x === null ? {} : { above: $statistics_estimators.probability_above(s, x), crossed: $met(crossed, year) }) };
    });
  },
  // The first year above x: its median, infinite where half of the worlds have none, and the share of those that have.
  first(world, name, x) {
    const crossed = $crossed(world, name, x);
    return { median: $statistics_estimators.quantile(crossed, 0.5), reached: $met(crossed, world.years[world.years.length - 1]) };
  },
  // What lies beyond what is thought possible, in the program's words and as numbers.
  beyond(world) {
    const lines = world.years.length ? world.priorSet.plausible.keys() : [];
    const summaries = lines.flatMap((name) => world.years.map((year) => ({ name: `${name}@${year}`, kind: "eti", prob: 0.9, ...$ends_of(world.at(year), name) })));
    return $reports_plausibility.beyond(world.priorSet, summaries).map((b) => ({ text: b.sentence, quantity: b.line.quantity, statistic: b.statistic,
      years: [...b.years], value: b.value, bound: b.bound, label: b.line.label, source: b.line.source }));
  },
  // The line of what is thought possible of a quantity, through the years that it knows of.
  line(world, name) {
    const found = world.years.length ? world.priorSet.plausible.get(name) : null;
    return found && { label: found.label, source: found.source, at: (year) => found.at(year) };
  },
  fanCsv(world, name, x = null) {
    const told = (key) => (row) => [row[key].value, row[key].mcse], columns = ["median", "low", "lower", "upper", "high", ...(x === null ? [] : ["above", "crossed"])];
    const heads = { median: "median", low: "p5", lower: "p25", upper: "p75", high: "p95", above: `above ${x}`, crossed: `above ${x} by then` };
    const rows = $over_years.fan(world, name, x).map((row) => [world.at(row.year).dated(world.named(name, row.year)), row.year, ...columns.flatMap((c) => told(c)(row))]);
    return $csv([["quantity", "year", ...columns.flatMap((c) => [heads[c], "mcse"])], ...rows]);
  },
};
// Low end, median and high end of a quantity.
const $ends_of = (world, name) => { const { low, median, high } = world.summary(name); return { low, median, high }; };
// The first year in which each world lies above x, as a sample.
const $crossed = (world, name, x) => world.engine.curves.of(["crossed", name, x, ...world.years.map((y) => $py.id(world.at(y).sample(world.named(name, y))))].join("\0"), () => {
  const rows = world.years.map((year) => world.at(year).sample(world.named(name, year)).rows);
  const values = new $Dict(rows.map((v, i) => [`a${world.years[i]}`, new $Array(v, [v.length])]));
  const first = $compute_moving.first(world.years, 1, x, [false, false]);
  return new $Sample(first(values).data, world.engine.replicates);
});
// The share of worlds whose first year has come by a year.
const $met = (crossed, year) => {
  const below = (rows) => { let n = 0; for (const v of rows) n += v <= year; return n / rows.length; };
  const rows = crossed.constant ? [] : Array.from({ length: crossed.replicates }, (_, r) => below(crossed.row(r)));
  return { value: below(crossed.rows), mcse: crossed.constant ? 0 : $statistics_estimators.mcse($np.asarray(rows)) };
};
