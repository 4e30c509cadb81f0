// From a state (set, GPU, edits) to a world: its priors, their draws at the run's own points, and its quantities.
const $json = (x) => Array.isArray(x) ? x.map($json) : x && typeof x === "object"
  ? new $Dict(Object.entries(x).map(([k, v]) => [k, $json(v)])) : x;
const $lines = (e) => { // what a mistake says; what is no mistake of the reader's is thrown on
  if (e && e.lines) return e.lines;
  if ($caught(e, [$py.ValueError, $py.ArithmeticError, $py.RecursionError])) return ["this cannot be computed with: " + $str(e)];
  throw e;
};

// Arrays that are made once for what they depend on; the oldest are forgotten.
class $Kept {
  constructor(most) { this.most = most; this.map = new Map(); }
  of(key, make) {
    if (this.map.has(key)) { const v = this.map.get(key); this.map.delete(key); this.map.set(key, v); return v; }
    const v = make();
    this.map.set(key, v);
    if (this.map.size > this.most) this.map.delete(this.map.keys().next().value);
    return v;
  }
}

// The points of each prior: scrambled Sobol nets from their shifts and directions, as the program makes them.
class $Points {
  constructor(data) {
    this.data = data;
    this.per = 1 << data.levels;
    this.draws = this.per * data.replicates;
    this.made = new Map();
    this.split = new WeakMap();
    this.normal = $made($distributions_random_variable.Normal, []);
  }
  of(name) {
    if (!this.made.has(name)) this.made.set(name, this.drawn(name));
    return this.made.get(name);
  }
  drawn(name) {
    const bytes = Uint8Array.from(atob(this.data.points[name]), (c) => c.charCodeAt(0)), words = new Uint32Array(bytes.buffer);
    const points = new Int32Array(this.draws), { levels } = this.data;
    for (let r = 0; r < this.data.replicates; r++) {
      const at = r * this.per, own = r * (levels + 1);
      points[at] = words[own];
      for (let b = 0; b < levels; b++) for (let i = 0; i < 1 << b; i++) points[at + (1 << b) + i] = points[at + i] ^ words[own + 1 + b];
    }
    return points;
  }
  sides(points) { // the places and tail probabilities of the points of each half, told to the families once
    if (!this.split.has(points)) {
      const upper = [], lower = [], tail = (s) => ((s < 0 ? -1 - s : s) + 0.5) / 4294967296;
      points.forEach((s, i) => { (s >= 0 ? upper : lower).push(i); });
      const side = (at) => ({ at: Int32Array.from(at), p: new $Array(Float64Array.from(at, (i) => tail(points[i])), [at.length]) });
      this.split.set(points, { upper: side(upper), lower: side(lower) });
    }
    return this.split.get(points);
  }
  correlated(group, tag, kept) { // the points of a group of correlated priors
    return kept.of(tag, () => {
      const own = new $Dict(group.names.map((n) => [n, new $Array(Float64Array.from(this.of(n)), [this.draws])]));
      const made = $engine_sampling_copula.correlate(group, own);
      return new Map(made.items().map(([n, a]) => [n, n === group.names[0] ? this.of(n) : Int32Array.from(a.data)]));
    });
  }
  values(distribution, points) {
    const { rv } = distribution;
    if (rv === null) return Float64Array.of(distribution.value);
    const { upper, lower } = this.sides(points), made = new Float64Array(points.length);
    const plain = $distributions_algebra.lognormal_of(rv) || $distributions_algebra.normal_of(rv);
    const grid = $rough && rv.continuous && !plain ? this.grid(rv) : null;
    for (const [side, high] of [[upper, true], [lower, false]]) {
      if (!side.fixed) { $distributions_random_variable.fixed(side.p); side.fixed = true; }
      if (grid) {
        const z = this.normal.ppf_fast(side.p, high).data;
        for (let k = 0; k < z.length; k++) {
          const place = (z[k] + 6.4) * 160, i = Math.floor(place);
          made[side.at[k]] = grid[i] + (place - i) * (grid[i + 1] - grid[i]);
        }
        continue;
      }
      const x = rv.ppf_fast(side.p, high).data;
      for (let k = 0; k < side.at.length; k++) made[side.at[k]] = x[k];
    }
    return made;
  }
  grid(rv) { // the quantile function along the normal score, in steps of 1/160: to about 1e-5 between
    this.steps ||= $np.asarray(Array.from({ length: 1025 }, (_, i) => $py.scipy.special.ndtr(-i / 160)));
    const low = rv.ppf_fast(this.steps, false).data, high = rv.ppf_fast(this.steps, true).data, made = new Float64Array(2049);
    for (let i = 0; i < 1025; i++) { made[1024 - i] = low[i]; made[1024 + i] = high[i]; }
    return made;
  }
}

// Values in order, all together and row by row: by the upper 22 bits of the floats in two passes, and by insertion within
// them; as they come, where too many share these bits.
const $COUNTS = [new Uint32Array(2048), new Uint32Array(2048)];
let $room = [];
const $sortedAll = (x, replicates) => {
  const n = x.length, per = n / replicates, words = new Uint32Array(x.buffer, x.byteOffset, 2 * n);
  if (!$room.length || $room[0].length !== n) $room = [new Uint32Array(n), new Uint32Array(n), new Uint32Array(n)];
  const [keys, first, at] = $room;
  const [low, high] = $COUNTS;
  low.fill(0);
  high.fill(0);
  for (let i = 0; i < n; i++) {
    const w = words[2 * i + 1], key = (w >>> 31 ? ~w : w ^ 0x80000000) >>> 10;
    keys[i] = key;
    low[key & 2047]++;
    high[key >>> 11]++;
  }
  for (let b = 0, a = 0, c = 0; b < 2048; b++) {
    const u = low[b], v = high[b];
    low[b] = a; high[b] = c; a += u; c += v;
  }
  for (let i = 0; i < n; i++) first[low[keys[i] & 2047]++] = i;
  for (let k = 0; k < n; k++) at[high[keys[first[k]] >>> 11]++] = first[k];
  const all = new Float64Array(n), rows = Array.from({ length: replicates }, () => new Float64Array(per)), filled = new Uint32Array(replicates);
  for (let k = 0; k < n; k++) {
    const i = at[k], v = x[i];
    let j = k;
    while (j > 0 && all[j - 1] > v) { all[j] = all[j - 1]; at[j] = at[j - 1]; j--; }
    if (k - j > 400) return null;
    all[j] = v; at[j] = i;
  }
  for (let k = 0; k < n; k++) { const r = Math.floor(at[k] / per); rows[r][filled[r]++] = all[k]; }
  return { all, rows };
};

// A sample of the page: what the program's estimators ask of draws.
class $Sample {
  constructor(rows, replicates) {
    this.rows = rows; this.constant = rows.length === 1;
    this.replicates = replicates; this.per_replicate = this.constant ? 1024 : rows.length / replicates; this.smooth = this.constant;
  }
  row(r) { return this.rows.subarray(r * this.per_replicate, (r + 1) * this.per_replicate); }
  get both() {
    return (this.$both ||= $sortedAll(this.rows, this.replicates) || { all: this.rows.slice().sort(),
      rows: Array.from({ length: this.replicates }, (_, r) => this.row(r).slice().sort()) });
  }
  get sorted() { return this.constant ? this.rows : this.both.all; }
  get sortedRows() { return this.both.rows; }
  static at(x, p) {
    const place = (x.length - 1) * p, i = Math.min(Math.floor(place), Math.max(x.length - 2, 0)), j = Math.min(i + 1, x.length - 1), share = place - i;
    return x[j] === Infinity ? (share === 0 && x[i] !== Infinity ? x[i] : x[j]) : x[i] + share * (x[j] - x[i]);
  }
  prepare() { return null; }
  release() { return null; }
  quantile(p) {
    if (this.constant) return [this.rows[0], this.means()];
    return [$Sample.at(this.sorted, p), $np.asarray(this.sortedRows.map((row) => $Sample.at(row, p)))];
  }
  above(x) {
    const count = (row) => { let n = 0; for (let i = 0; i < row.length; i++) n += row[i] > x; return n; };
    return $np.asarray(Array.from({ length: this.replicates }, (_, r) => this.constant ? (this.rows[0] > x ? this.per_replicate : 0) : count(this.row(r))));
  }
  means() {
    return $np.asarray(Array.from({ length: this.replicates }, (_, r) => this.constant ? this.rows[0] : this.row(r).reduce((a, b) => a + b, 0) / this.per_replicate));
  }
  top(count, sign) {
    if (this.constant) return $np.full([count + 1], sign * this.rows[0]);
    const x = sign > 0 ? this.sorted.slice(-count - 1) : this.sorted.slice(0, count + 1).reverse().map((v) => -v);
    return new $Array(x, [x.length]);
  }
}

// One state of the page, answered: everything is computed when it is asked for.
class $World {
  constructor(engine, state, rough = false) { // a rough world is one that goes by: quantiles to about 1e-5
    this.engine = engine;
    this.state = state;
    this.rough = rough;
    this.mistakes = {};
    this.priorSet = this.edited(engine.set(state));
    this.years = [...this.priorSet.years];
    this.sisters = new Map(); // this world in other years
    this.stand(this.years.includes(state.year) ? state.year : this.years.length ? this.years[this.years.length - 1] : null);
    this.tags = new Map(this.priorSet.groups.flatMap((g) => g.names.map((n) => [n, { group: g, tag: $hash([g.names, g.cholesky.tolist()]) }])));
  }
  // The set with each edit in turn: one that is wrong is told, and changes nothing.
  edited(start) {
    let chosen = start;
    const attempt = (name, change) => {
      try { chosen = this.growing(change(chosen)); } catch (e) { this.mistakes[name] = $lines(e)[0].replace(/^--(set|know) [^:]*: /, ""); }
    };
    const all = Object.entries(this.state.edits || {});
    try {
      if (all.length) chosen = this.growing(start.edited(new $Dict(all)));
    } catch (e) {
      $lines(e);
      for (const [n, text] of all) attempt(n, (p) => p.edited(new $Dict([[n, text]])));
    }
    for (const [n, text] of Object.entries(this.state.knows || {})) attempt(n, (p) => p.knowing(new $Dict([[n, text]])));
    return chosen;
  }
  get name() { return this.priorSet.called; }
  get title() { return this.priorSet.headed; }
  get variant() { return this.priorSet.variant; }
  get trust() { return this.priorSet.trust; }
  get notes() { return [...this.priorSet.notes]; }
  prior(name) { return this.priorSet.priors.at(name); }
  points(name) {
    const tied = this.tags.get(name);
    return tied ? this.engine.points.correlated(tied.group, tied.tag, this.engine.ties).get(name) : this.engine.points.of(name);
  }
  // The draws of a prior or a quantity, or its one value.
  values(name) {
    if (!this.drawn.has(name)) this.drawn.set(name, this.model.quantities.has(name) ? this.computed(name) : this.draws(name));
    return this.drawn.get(name);
  }
  draws(name) {
    const { distribution } = this.prior(name), tied = this.tags.get(name);
    const key = `${name}\0${distribution.text}\0${tied ? tied.tag : ""}`;
    const { arrays, points } = this.engine, rough = this.rough && !arrays.map.has(key);
    return arrays.of(rough ? `~${key}` : key, () => {
      $rough = rough;
      try { return points.values(distribution, this.points(name)); } finally { $rough = false; }
    });
  }
  computed(name) {
    const q = this.model.quantities.at(name), inputs = q.reads.map((n) => n in this.model.constants
      ? this.engine.constant(this.model.constants[n]) : this.values(n));
    const how = q.moved ? `\0${q.passed}\0${q.noise}` : "";
    return this.engine.arrays.of(`${this.variant}\0${name}${how}\0${inputs.map($py.id)}`, () => this.calculated(q, inputs));
  }
  // A quantity from the draws of what it reads.
  calculated(q, inputs) {
    if (q.moved) return q.passed ? $moved(q, inputs) : inputs[0];
    return $kernels[this.variant][q.name](inputs.reduce((most, v) => Math.max(most, v.length), 1), ...inputs);
  }
  sample(name) {
    const rows = this.values(name);
    return this.engine.samples.of(rows, this.weights);
  }
  // The program's own numbers of a quantity, each when it is asked for.
  summary(name) {
    if (!this.summaries.has(name)) {
      const s = this.sample(name), at = (p) => $statistics_estimators.quantile(s, p), known = {};
      const lazily = (key, make) => Object.defineProperty(known, key, { enumerable: true, configurable: true, get() {
        const value = make();
        Object.defineProperty(known, key, { value, enumerable: true });
        return value;
      } });
      lazily("median", () => at(0.5));
      lazily("low", () => at(0.05));
      lazily("high", () => at(0.95));
      lazily("mean", () => $statistics_estimators.mean(s)[0]);
      lazily("infinite", () => { const e = $statistics_estimators.infinite(s); return e ? e.value : 0; });
      known.constant = s.constant;
      this.summaries.set(name, this.engine.summaries.of(s, () => known));
    }
    return this.summaries.get(name);
  }
  above(name, x) { return $statistics_estimators.probability_above(this.sample(name), x); }
  get effective() { return this.weights ? this.evidenceOf.effective : this.engine.draws; }
  get hasEvidence() { return this.priorSet.evidence.length > 0; }
  get evidence() {
    return this.priorSet.evidence.values().map((p) => ({ quantity: p.name, text: p.distribution.text, source: p.source, grade: p.grade }));
  }
  get weights() { return this.state.evidence && this.hasEvidence ? this.evidenceOf.picks : null; }
  get evidenceProblem() { return this.state.evidence && this.hasEvidence ? this.evidenceOf.problem : ""; }
  get evidenceOf() { // it is of the year from which trends run
    const now = this.at(null);
    return (now.$evidence ||= $weighed(now));
  }
  get headline() { return $list($priors_prior_set.headline(this.priorSet)).filter((n) => this.model.quantities.has(n)); }
}

// Which draws stand for the worlds once the evidence is believed: systematic resampling within each replicate.
const $weighed = (world) => {
  const { draws, points: { per } } = world.engine, logs = new Float64Array(draws);
  try {
    for (const p of world.priorSet.evidence.values()) {
      const y = world.values(p.name), all = y.length === 1 ? new Float64Array(draws).fill(y[0]) : y;
      const one = $analyses_likelihood.log_likelihood(p.distribution, new $Array(all, [draws])).data;
      for (let i = 0; i < draws; i++) logs[i] += one[i];
    }
  } catch (e) { return { picks: null, effective: draws, problem: $lines(e)[0] }; }
  const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(top)) return { picks: null, effective: 0, problem: "The evidence lies where the draws do not: no world has any likelihood." };
  const w = logs.map((x) => Math.exp(x - top)), sum = w.reduce((a, b) => a + b, 0), effective = sum * sum / w.reduce((a, b) => a + b * b, 0);
  const tail = w.slice().sort().slice(-$statistics_estimators.tail_size({ replicates: 1, per_replicate: draws }) - 1);
  const k = $statistics_estimators.pareto_k(new $Array(tail, [tail.length]));
  if (effective < 200 || k >= 0.7) {
    return { picks: null, effective, problem: `The evidence lies where the draws do not: ${effective.toFixed(0)} of ${draws} worlds carry `
      + `the weight (Pareto k ${k.toFixed(2)}, to be below 0.7); the page goes on without it.` };
  }
  const picks = new Int32Array(draws);
  for (let r = 0; r < world.engine.data.replicates; r++) {
    let total = 0;
    for (let i = 0; i < per; i++) total += w[r * per + i];
    for (let i = 0, j = 0, below = w[r * per]; i < per; i++) {
      while (below / total < (i + 0.5) / per && j < per - 1) below += w[r * per + ++j];
      picks[r * per + i] = r * per + j;
    }
  }
  return { picks, effective, problem: "" };
};

let $rough = false; // whether quantile functions are asked for quickly

// The engine of a page, from its data.
const createEngine = (data) => {
  const texts = new WeakMap();
  const engine = {
    data, version: data.version, seed: data.seed, replicates: data.replicates, points: new $Points(data), start: data.start,
    draws: data.replicates << data.levels, arrays: new $Kept(data.years ? 1000 : 400), ties: new $Kept(8), chosen: new $Kept(60), curves: new $Kept(200), ...$analyses, ...$over_years, ...$words_of,
    sets: data.sets.map(({ name, title, variant }) => ({ name, title, variant })),
    gpus: [{ name: "", title: "" }, ...data.gpus.map(({ name, title }) => ({ name, title }))],
    constants: new Map(),
    constant(v) { if (!this.constants.has(v)) this.constants.set(v, Float64Array.of(v)); return this.constants.get(v); },
    kernels: $kernels,
    samples: { of: (rows, picks) => {
      const plain = texts.get(rows) || new $Sample(rows, data.replicates);
      texts.set(rows, plain);
      if (!picks || rows.length === 1) return plain;
      plain.picked ||= new WeakMap();
      if (!plain.picked.has(picks)) plain.picked.set(picks, new $Sample(Float64Array.from(picks, (i) => rows[i]), data.replicates));
      return plain.picked.get(picks);
    } },
    summaries: { map: new WeakMap(), of(sample, make) { if (!this.map.has(sample)) this.map.set(sample, make()); return this.map.get(sample); } },
    // The set of a state without its edits: one of the page's, with a GPU above it.
    set(state) {
      return this.chosen.of(`${state.set}\0${state.gpu || ""}`, () => {
        const found = data.sets.find((s) => s.name === state.set) || data.sets[0];
        const plain = this.chosen.of(found.name, () => $priors_prior_set.PriorSet.from_json($json(found.priors)));
        const gpu = data.gpus.find((g) => g.name === state.gpu), own = gpu && gpu.variants[plain.variant];
        if (!own) return plain;
        const priors = new $Dict(Object.entries(own.priors).map(([n, e]) => [n, $priors_prior.Prior.from_json(n, $json(e))]));
        const ties = new $Dict(Object.entries(own.correlations).map(([pair, rho]) => [pair.split(", "), rho]));
        return plain.beneath($c($priors_prior_set.Overlay, gpu.name, priors, ties, new $Dict(), new $Dict(), own.layers, own.notes));
      });
    },
    world(state, rough = false) { return new $World(this, state, rough); },
  };
  for (const m of data.models) $models.set(m.name, new $Model(m));
  for (const m of data.years ? data.years.models : []) {
    $dated_models.set($dated_key(m.model, m.trended, data.years.list), new $YearModel($models.get(m.model), m));
  }
  const density = $distributions_by_density.ByDensity.prototype, { ppf, ppf_fast } = density;
  density.ppf_fast = function (...a) { return ($rough ? ppf_fast : ppf).apply(this, a); };
  return engine;
};
