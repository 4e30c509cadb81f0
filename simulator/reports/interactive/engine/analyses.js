// What a world says: sentences, and what its answers rest on.
Object.defineProperty($World.prototype, "priors", { get() { return (this.$priors ||= this.described()); } });
$World.prototype.described = function () {
  const data = this.engine.data.models.find((m) => m.name === this.variant), base = this.engine.set(this.state).priors;
  const ties = this.priorSet.active.items(), edits = { ...this.state.edits, ...this.state.knows };
  const known = this.priorSet.priors.values().filter((p) => p.edited);
  const shown = (p) => p.source !== $priors_prior.NOT_GIVEN && !p.name.startsWith("noise."); // steps of walks are no cards
  return this.priorSet.priors.values().filter(shown).map((p) => {
    const input = this.model.inputs.at(p.name);
    return { name: p.name, text: p.distribution.text, label: input.text, unit: p.unit, unitWords: data.units[p.name] ?? "", ...this.trend(p.name), source: p.source, grade: p.grade,
      note: p.note, group: data.stages[p.name] ?? "trends", uncertain: p.uncertain, edited: !(p.name in edits) || this.mistakes[p.name] ? "" : p.name in (this.state.knows || {}) ? "know" : "set",
      moved: known.some((k) => k.name !== p.name && p.note.includes(`Given ${k.name} =`)), base: base.at(p.name).distribution.text,
      ties: ties.filter(([pair]) => pair.includes(p.name)).map(([pair, rho]) => ({ with: pair.find((n) => n !== p.name), rho })), range: [input.low, input.high] };
  });
};
// The quantities but those that read what neither the set nor its GPU gives.
Object.defineProperty($World.prototype, "quantities", { get() {
  if (!this.$quantities) {
    const lacking = this.priorSet.priors.values().filter((p) => p.source === $priors_prior.NOT_GIVEN), unknown = new Set(lacking.map((p) => p.name));
    for (const q of this.model.quantities.values()) if (q.reads.some((n) => unknown.has(n))) unknown.add(q.name);
    this.$quantities = this.model.quantities.values().filter((q) => !unknown.has(q.name));
  }
  return this.$quantities;
} });
Object.defineProperty($World.prototype, "story", { get() { return this.model.told.story.map((s) => s[0]).filter((n) => this.model.quantities.has(n)); } });

// The quantity on draws in which some priors have other values.
$World.prototype.evaluated = function (quantity, other) {
  const known = new Map(Object.entries(this.model.constants).map(([n, v]) => [n, this.engine.constant(v)]));
  const value = (n) => { if (!known.has(n)) known.set(n, other.has(n) ? other.get(n) : this.values(n)); return known.get(n); };
  const moved = new Set(other.keys());
  for (const q of this.model.plan([quantity])) {
    if (other.has(q.name)) continue;
    if (!q.reads.some((n) => moved.has(n))) { known.set(q.name, this.values(q.name)); continue; }
    const inputs = q.reads.map(value);
    known.set(q.name, this.calculated(q, inputs));
    moved.add(q.name);
  }
  return value(quantity);
};
$World.prototype.median = function (rows) {
  const picked = this.weights && rows.length > 1 ? Float64Array.from(this.weights, (i) => rows[i]) : rows, s = new $Sample(picked, this.engine.replicates);
  const [value, each] = s.quantile(0.5);
  return { value, mcse: s.constant ? 0 : $statistics_estimators.mcse(each) };
};
$World.prototype.readBy = function (quantity) {
  return this.model.reads([quantity]).filter((n) => this.prior(n).uncertain);
};

const $analyses = {
  tornado(world, quantity) {
    const swing = (r) => Math.abs(r.low.value > 0 && r.high.value > 0 ? Math.log(r.high.value / r.low.value) : r.high.value - r.low.value);
    return world.readBy(quantity).map((prior) => {
      const { distribution } = world.prior(prior);
      const at = (p) => world.median(world.evaluated(quantity, new Map([[prior, Float64Array.of(distribution.quantile(p))]])));
      return { prior, low: at(0.05), high: at(0.95) };
    }).sort((a, b) => swing(b) - swing(a));
  },
  // The expected width of the 90 % interval once a prior is known: within bins of its points, or its values where few.
  next(world, quantity) {
    const s = world.sample(quantity), rows = s.rows, n = rows.length, R = world.engine.replicates, per = n / R;
    if (s.constant || s.sorted[n - 1] === Infinity) return { log: false, width: { value: 0, mcse: 0 }, rows: [] };
    const log = s.sorted[0] > 0, y = log ? rows.map(Math.log) : rows, wide = (x) => x.length ? $Sample.at(x, 0.95) - $Sample.at(x, 0.05) : 0;
    const told = (value, each) => ({ value, mcse: $statistics_estimators.mcse($np.asarray(each)) });
    const sorted = log ? s.sorted.map(Math.log) : s.sorted, lines = log ? s.sortedRows.map((r) => r.map(Math.log)) : s.sortedRows;
    const order = $order_of(y), ranks = new Float64Array(n);
    order.forEach((i, k) => { ranks[i] = k; });
    const found = world.readBy(quantity).map((prior) => {
      const place = $bins(world, prior), bins = Array.from({ length: 16 }, () => []), small = Array.from({ length: R * 16 }, () => []);
      for (const i of order) { const b = place.bin[i]; bins[b].push(y[i]); small[Math.floor(i / per) * 16 + b].push(y[i]); }
      const mean = (parts, total) => parts.reduce((a, x) => a + x.length * wide(x), 0) / total;
      const width = told(mean(bins, n), Array.from({ length: R }, (_, r) => mean(small.slice(r * 16, r * 16 + 16), per)));
      return { prior, grade: world.prior(prior).grade, width, rank: $correlation(place.at, ranks), correlated: world.tags.has(prior) };
    });
    return { log, width: told(wide(sorted), lines.map(wide)), rows: found.sort((a, b) => a.width.value - b.width.value) };
  },
  attribution(before, after, quantity) {
    if (before.variant !== after.variant) return { reason: "The two sets count compute by other formulas: `simulate compare` tells what makes the difference." };
    if (before.model !== after.model) return { reason: "The two sets move by other trends: `simulate compare` tells what makes the difference." };
    if (!after.model.quantities.has(quantity)) return { reason: `${quantity} is not a quantity of both.` };
    const teams = $analyses_players.players(before.priorSet, after.priorSet, after.model.reads([quantity])).items();
    if (teams.length > 8) return { reason: `${teams.length} priors differ; this page takes up to 8 apart: \`simulate compare\` takes more.` };
    const worth = Array.from({ length: 1 << teams.length }, (_, mask) => {
      const other = new Map(), here = teams.flatMap(([, names], i) => mask >> i & 1 ? names : []);
      for (const n of here) other.set(n, after.values(n));
      return before.median(mask === (1 << teams.length) - 1 ? after.values(quantity) : before.evaluated(quantity, other)).value;
    });
    const log = worth.every((v) => v > 0), at = log ? worth.map(Math.log) : worth, k = teams.length, share = (size) => 1 / (k * $binomial(k - 1, size));
    const rows = teams.map(([prior], i) => {
      let value = 0;
      for (let mask = 0; mask < at.length; mask++) if (!(mask >> i & 1)) value += share($ones(mask)) * (at[mask | 1 << i] - at[mask]);
      return { prior, value: log ? Math.exp(value) : value };
    });
    const size = (v) => Math.abs(log ? Math.log(v) : v), whole = at[at.length - 1] - at[0];
    return { log, whole: log ? Math.exp(whole) : whole, rows: rows.sort((a, b) => size(b.value) - size(a.value)) };
  },
  crossover(world) {
    const s = world.sample("breakeven_minutes"), q = (p) => s.constant ? s.rows[0] : $Sample.at(s.sorted, p), finite = (v, other) => Number.isFinite(v) && v > 0 ? v : other;
    const middle = finite(q(0.5), 1e6), low = finite(q(0.01), middle / 100) / 10, high = finite(q(0.99), middle * 100) * 10;
    const minutes = $grid(Math.log(low), Math.log(high), 61).map(Math.exp), over = (b) => minutes.map((m) => m / b);
    return { minutes, ratio: { low: over(q(0.95)), median: over(q(0.5)), high: over(q(0.05)) } };
  },
  demand(world) {
    const steps = world.model.told.demandSteps, held = steps.flatMap((s) => s[1]).filter((n) => world.model.inputs.has(n)), released = new Set();
    const found = [];
    for (const [name, names] of steps) {
      const own = names.filter((n) => held.includes(n));
      if (names.length && !own.length) continue;
      own.forEach((n) => released.add(n));
      if (own.length && own.every((n) => world.values(world.model.current(n)).every((v) => v === 1))) continue;
      const fixed = held.filter((n) => !released.has(n)).map((n) => [world.model.current(n), Float64Array.of(1)]);
      const y = world.evaluated("inference_h100s", new Map(fixed));
      const picked = world.weights && y.length > 1 ? Float64Array.from(world.weights, (i) => y[i]) : y, s = new $Sample(picked, world.engine.replicates);
      const [low, median, high] = [0.05, 0.5, 0.95].map((p) => s.constant ? s.rows[0] : $Sample.at(s.sorted, p));
      found.push({ name: found.length ? `with ${name}` : name, names: own, low, median, high, factor: found.length ? median / found[found.length - 1].median : null });
    }
    return found;
  },
  modalities(world) {
    return world.model.told.modalities.filter(([, q]) => world.model.quantities.has(q)).map(([name, quantity]) => {
      const s = world.summary(quantity);
      return { name, quantity, unitWords: "FLOP", median: s.median.value, low: s.low.value, high: s.high.value };
    });
  },
};
const $ones = (mask) => { let n = 0; for (let m = mask; m; m &= m - 1) n++; return n; };
const $binomial = (n, k) => { let v = 1; for (let i = 0; i < k; i++) v = v * (n - i) / (i + 1); return v; };
const $order_of = (y) => { // the places of values, ascending: sorted by value with the place kept beside
  const at = Uint32Array.from(y.keys());
  return at.sort((i, j) => y[i] - y[j]);
};
const $bins = (world, prior) => { // the bin of each draw in a prior, and its place in the prior's own order
  const points = world.points(prior), { distribution } = world.prior(prior), picks = world.weights, n = points.length;
  const at = Float64Array.from(points, (s) => s < 0 ? (-0.5 - s) / 4294967296 : 1 - (s + 0.5) / 4294967296), bin = new Uint8Array(n);
  const values = distribution.rv instanceof Object && $isinstance(distribution.rv, $distributions_derived.Discrete) ? [...distribution.rv.values] : null;
  const few = values && values.length <= 16, drawn = few ? world.values(prior) : null;
  for (let i = 0; i < n; i++) bin[i] = few ? values.indexOf(drawn[i]) : Math.min(Math.floor(at[i] * 16), 15);
  if (few) for (let i = 0; i < n; i++) at[i] = bin[i];
  return picks ? { bin: Uint8Array.from(picks, (i) => bin[i]), at: Float64Array.from(picks, (i) => at[i]) } : { bin, at };
};
const $correlation = (x, y) => {
  const n = x.length, a = x.reduce((s, v) => s + v, 0) / n, b = y.reduce((s, v) => s + v, 0) / n;
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < n; i++) { xy += (x[i] - a) * (y[i] - b); xx += (x[i] - a) ** 2; yy += (y[i] - b) ** 2; }
  return xx && yy ? xy / Math.sqrt(xx * yy) : 0;
};
