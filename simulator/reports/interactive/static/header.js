(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const LONG = 90; // characters of a title in a menu

  // The menus of prior sets and GPUs.
  page.makeHeader = () => {
    const { engine } = page;
    page.at("out").open = !window.matchMedia("(max-width: 699px)").matches;
    const cut = (text) => (text.length > LONG ? `${text.slice(0, LONG)}…` : text);
    const named = ({ name, title }) => cut(title && title !== name ? `${title} (${name})` : name);
    reachable();
    page.at("set").replaceChildren(...engine.sets.map((set) => new Option(named(set), set.name)));
    const gpus = engine.gpus.filter((gpu) => gpu.name);
    page.at("gpu").replaceChildren(new Option("", ""), ...gpus.map((gpu) => new Option(named(gpu), gpu.name)));
    page.at("year-menu").hidden = !page.years().length;
  };

  // The menu of years: those of the world, or one that says that it has no trends.
  const showYear = (world) => {
    if (!page.years().length) return;
    const menu = page.at("year");
    const key = `${world.years.join()} ${page.lang()}`;
    if (menu.dataset.key !== key) {
      menu.dataset.key = key;
      const texts = world.years.length ? world.years.map((year) => [String(year), year]) : [[page.say("no_years"), ""]];
      menu.replaceChildren(...texts.map(([text, value]) => new Option(text, value)));
    }
    menu.disabled = !world.years.length;
    menu.value = world.year === null ? "" : String(world.year);
    page.put(page.at("answers-year"), world.year === null ? "" : page.say("in_year", { year: world.year }));
  };

  // Make the report's tables and texts, which scroll, reachable by keyboard, and name the heads that are empty.
  const reachable = () => {
    for (const node of document.querySelectorAll("#report .scroll, #report pre")) page.mark(node, "tabindex", "0");
    for (const node of document.querySelectorAll("#report th:empty")) {
      node.append(page.make("span", { class: "hidden", "data-word": "row" }));
    }
  };

  // What is said of a world above its answers: menus, trust, sample, command, evidence, notes.
  page.showHeader = () => {
    const { world, state } = page.app;
    page.at("set").value = state.set;
    page.put(page.at("gpu").options[0], page.say("gpu_own"));
    page.at("gpu").value = state.gpu;
    showYear(world);
    page.put(page.at("trust"), world.trust);
    page.put(page.at("sample"), page.say("sample", {
      draws: page.engine.draws.toLocaleString("en-US"), seed: page.engine.seed,
    }));
    page.showCommand();
    page.at("model").parentElement.hidden = !world.model.told.modalities.length; // of a model of one's own
    document.title = page.say("page_title", { set: world.title.slice(0, 200) });
    page.put(page.at("whence"), page.app.whence());
    showEvidence(world, state);
    lines("notes-list", world.notes);
    page.at("notes").hidden = !world.notes.length;
  };

  // The set's evidence: on or off, how many draws it leaves, and what it says.
  const showEvidence = (world, state) => {
    page.at("evidence").hidden = !world.hasEvidence;
    if (!world.hasEvidence) return;
    page.at("evidence-on").checked = Boolean(state.evidence);
    const problem = page.at("evidence-problem");
    page.put(problem, world.evidenceProblem);
    problem.hidden = !world.evidenceProblem;
    const used = state.evidence && !world.evidenceProblem;
    page.put(page.at("evidence-text"), page.say(used ? "evidence_used" : "evidence_unused", {
      count: world.evidence.length,
      effective: used ? Math.round(world.effective).toLocaleString("en-US") : "",
    }));
    lines("evidence-list", world.evidence.map((fact) => (
      `${fact.quantity}: ${fact.text} (${fact.grade}) ${fact.source}`)));
  };

  // Fill a list with lines of text.
  const lines = (id, texts) => {
    const list = page.at(id);
    const key = texts.join("\n");
    if (list.dataset.shown === String(key.length) + key.slice(0, 200)) return;
    list.dataset.shown = String(key.length) + key.slice(0, 200);
    list.replaceChildren(...texts.map((text) => {
      const item = page.make("li", {});
      item.textContent = text;
      return item;
    }));
  };
})();
