// What translated modules ask of modules that are not in the page: the compute model's graph, files, other libraries.
const $known = class extends String {}; // the text of a value that is known, where others are set
$known.$class = false;
const $base_known = {
  Known: Object.assign((text) => new $known(text), { $kind: true, test: (x) => x instanceof $known, __name__: "Known" }),
  known: (value) => new $known($str(value)),
  parted: (edits) => [edits, new $Dict()],
};
const $compute_graph = {
  Input: $class_of("Input", $py.object, "namedtuple", [["name", null], ["unit", null], ["text", null], ["low", () => 0],
    ["high", () => Infinity], ["neutral", () => null], ["needed", () => false]]),
  Constant: $class_of("Constant", $py.object, "namedtuple", [["name", null], ["value", null], ["unit", null], ["text", null]]),
  Model: $any,
};
const $dated_models = new Map(); // models over years, by what moves in them
const $dated_key = (model, trended, years) => JSON.stringify([model, $list(trended).map((t) => [...t]), $list(years)]);
const $compute_years = {
  GROWTH: "trends.", NOISE: "noise.", YEAR: "calendar_year", at: (name, year) => `${name}@${year}`,
  YearModel: Object.assign(() => null, { $kind: true, test: (x) => x instanceof $YearModel, __name__: "YearModel" }),
  parted: (name) => { const found = /^(.*)@(\d+)$/.exec(name); return found ? [found[1], Number(found[2])] : [name, null]; },
  year_model: (base, trended, years) => $dated_models.get($dated_key(base.key, trended, years)),
  years_text: (y) => y.length > 2 && y[y.length - 1] - y[0] === y.length - 1 ? `${y[0]}:${y[y.length - 1]}` : y.join(","),
  Trended: $class_of("Trended", $py.object, "namedtuple", [["name", null], ["start", null], ["noise", () => 0]]),
  Crossing: $class_of("Crossing", $py.object, "namedtuple", [["quantity", null], ["sign", null], ["threshold", null]]),
};
const $models = new Map();
const $compute_models = { model_of: (name) => $models.get(name) };
const $priors_files = { available: () => [], origin_of: (path) => String(path), shortened: (text) => text };
const $distributions_foreign = { foreign: () => null };
const $engine_sampling_points = { tails: (points) => $np.unary((s) => ((s < 0 ? -1 - s : s) + 0.5) / 4294967296)(points) };

// Quantities in order, each a function of the names that it reads, over the priors that they read in the end.
class $Graph {
  plan(names) {
    const needed = new Set(), waiting = [...names];
    while (waiting.length) {
      const name = waiting.pop();
      if (needed.has(name)) continue;
      needed.add(name);
      waiting.push(...this.quantities.at(name).reads.filter((n) => this.quantities.has(n)));
    }
    return this.quantities.values().filter((q) => needed.has(q.name));
  }
  reads(names) {
    const read = new Set(this.plan(names).flatMap((q) => q.reads));
    return this.inputs.keys().filter((n) => read.has(n));
  }
  current(name) { return name; } // what a prior is called once it has moved
}
// The compute model of a variant.
class $Model extends $Graph {
  constructor(data) {
    super();
    [this.key, this.name] = [data.name, data.name.split("@")[0]];
    const { layers, counts, changes, ...told } = data.told;
    this.told = { ...told, layers: $dict_of(layers), counts: $dict_of(counts), changes: $dict_of(changes) };
    const own = data.own.map(([name, unit, text, low, high, neutral]) =>
      $c($compute_graph.Input, name, unit, text, low ?? -Infinity, high ?? Infinity, neutral));
    const inputs = new Map([...$list($compute_inputs.PRIORS), ...own].map((i) => [i.name, i]));
    this.inputs = $dict_of(data.inputs.map((n) => [n, inputs.get(n)]));
    this.constants = data.constants;
    this.quantities = $dict_of(data.quantities.map((q) => [q.name, q]));
  }
}
// The model over years: the priors of trends beside its own, and a model for each year.
class $YearModel extends $Graph {
  constructor(base, found) {
    super();
    const { key, name, told, constants, quantities } = base, input = (low, high) => ([n, unit, text]) => [n, $c($compute_graph.Input, n, unit, text, low, high)];
    const brought = new Map([...found.growths.map(input(0, Infinity)), ...found.steps.map(input(-Infinity, Infinity))]);
    const order = found.trended.flatMap(([n]) => [...brought.keys()].filter((b) => b === `trends.${n}` || b.startsWith(`noise.${n}.`)));
    Object.assign(this, { key, name, told, constants, quantities, base, moving: new Set(found.moving), moved: found.moved, years: new Map(),
      inputs: $dict_of([...base.inputs.items(), ...order.map((n) => [n, brought.get(n)])]) });
  }
  in(year) {
    if (!this.years.has(year)) this.years.set(year, new $DatedModel(this, year));
    return this.years.get(year);
  }
}
// The model in a year: what priors have become by then, and the quantities, which read that.
class $DatedModel extends $Graph {
  constructor(over, year) {
    super();
    const { key, name, told, constants, inputs, base } = over, moved = over.moved[year];
    this.now = new Map(moved.map((q) => [q.of, q.name]));
    const written = (q) => q.formula.replace(/(?<![\w.])[A-Za-z_]\w*/g, (n) => this.current(n));
    const quantities = base.quantities.values().map((q) => over.moving.has(q.name)
      ? { ...q, reads: q.reads.map((n) => this.current(n)), formula: written(q), year } : q);
    Object.assign(this, { key, name, told, constants, inputs,
      quantities: $dict_of([...moved.map((q) => ({ ...q, moved: true, year })), ...quantities].map((q) => [q.name, q])) });
  }
  current(name) { return this.now.get(name) || name; }
}
