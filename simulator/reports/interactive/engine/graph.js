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
const $compute_years = { // the page stands in the years from which trends run: its priors are those of the set
  GROWTH: "trends.", NOISE: "noise.", YEAR: "calendar_year", YearModel: $class_of("YearModel", $py.object, "plain", []), at: (name, year) => `${name}@${year}`,
  parted: (name) => [name, null], year_model: (base) => base,
  Trended: $class_of("Trended", $py.object, "namedtuple", [["name", null], ["start", null], ["noise", () => 0]]),
  Crossing: $class_of("Crossing", $py.object, "namedtuple", [["quantity", null], ["sign", null], ["threshold", null]]),
};
const $models = new Map();
const $compute_models = { model_of: (name) => $models.get(name) };
const $priors_files = { available: () => [], origin_of: (path) => String(path), shortened: (text) => text };
const $distributions_foreign = { foreign: () => null };
const $engine_sampling_points = { tails: (points) => $np.unary((s) => ((s < 0 ? -1 - s : s) + 0.5) / 4294967296)(points) };

// The compute model of a variant: quantities in order, each a function of the names that it reads.
class $Model {
  constructor(data) {
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
}
