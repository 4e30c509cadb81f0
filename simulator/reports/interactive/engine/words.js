// What goes out of the page: sentences, the command, the file, the table; and the program's formats of numbers.
const $shell = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`;
const $cell = (v) => /[",\n]/.test(String(v)) ? `"${String(v).replace(/"/g, '""')}"` : String(v);
const $csv = (rows) => rows.map((row) => row.map($cell).join(",")).join("\r\n") + "\r\n";
const $words_of = {
  sentence(world) {
    const told = world.story.map((n) => { const s = world.summary(n); return { name: n, prob: 0.9, median: s.median, low: s.low, high: s.high }; });
    const plain = $reports_phrases.story(told, world.model.told.story);
    const dated = world.year === null || !plain ? plain : `In ${world.year}: ${plain.slice(0, 1).toLowerCase()}${plain.slice(1)}`;
    return [dated, ...$reports_phrases.changes(world.priorSet)].join(" ");
  },
  command(world) {
    const { data } = world.engine, found = data.sets.find((s) => s.name === world.state.set) || data.sets[0], { state } = world;
    const words = ["simulate", "--draws", "1000000"];
    if (data.seed !== data.defaultSeed) words.push("--seed", String(data.seed));
    for (const n of found.words || [`${found.name}-resolved.toml`]) words.push("--priors", n);
    if (state.gpu) words.push("--gpu", state.gpu);
    if (world.years.length) words.push("--years", data.years.text);
    for (const [n, t] of Object.entries(state.edits || {})) if (!world.mistakes[n]) words.push("--set", `${n}=${t}`);
    for (const [n, t] of Object.entries(state.knows || {})) if (!world.mistakes[n]) words.push("--know", `${n}=${t}`);
    for (const file of data.asked) words.push("--model", file);
    return words.map($shell).join(" ");
  },
  toml(world) { return $priors_toml.toml(world.priorSet); },
  csv(world) {
    const rows = world.quantities.map((q) => {
      const s = world.summary(q.name);
      return [world.dated(q.name), q.unit, s.median.value, s.median.mcse, s.low.value, s.low.mcse, s.high.value, s.high.mcse, s.mean ? s.mean.value : "", s.mean ? s.mean.mcse : ""];
    });
    return $csv([["quantity", "unit", "median", "mcse", "p5", "mcse", "p95", "mcse", "mean", "mcse"], ...rows]);
  },
  text: {
    figures: (v, m, power = 0) => $base_numbers.figures(v, m, power), readable: (v, m = null) => $base_numbers.readable(v, m),
    inWords: (e) => $reports_phrases.in_words($made($statistics_estimators.Estimate, [e.value, e.mcse])), short: (v) => $base_wording.short(v),
    unitWords: (u) => $base_wording.unit_words(u), percent: (p) => $base_wording.percent(p),
    sharedScale: (a, b, c) => $reports_phrases.shared_scale(a, b, c), share: (e, draws) => $reports_phrases.share_text($made($statistics_estimators.Estimate, [e.value, e.mcse]), draws),
  },
};
