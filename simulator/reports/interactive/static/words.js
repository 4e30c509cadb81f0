(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const SVG = "http://www.w3.org/2000/svg";
  const said = new WeakMap(); // the text that was put into a node
  const marked = new WeakMap(); // the attributes that were set on a node
  let lang = "en";

  // An HTML element with attributes ("class", "aria-label"), listeners ("onclick") and children; text stays text.
  page.make = (tag, given = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(given)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  };

  // An SVG element with attributes.
  page.draw = (tag, given = {}) => {
    const node = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
    return node;
  };

  // The element of the page with an id.
  page.at = (id) => document.getElementById(id);

  // Put a text into a node that has none but it, if it is another one.
  page.put = (node, text) => {
    const before = said.get(node);
    if (before === text) return;
    said.set(node, text);
    if (before && text && node.firstChild) node.firstChild.nodeValue = text;
    else node.textContent = text;
  };

  // Set an attribute, or take it away where the value is null, if it is another one.
  page.mark = (node, key, value) => {
    const wanted = value === null || value === undefined ? null : String(value);
    if (!marked.has(node)) marked.set(node, new Map());
    const known = marked.get(node);
    if (known.get(key) === wanted && known.has(key)) return;
    known.set(key, wanted);
    if (wanted === null) node.removeAttribute(key);
    else node.setAttribute(key, wanted);
  };

  // A text of the engine, which is English in every language of the page.
  page.putEnglish = (node, text) => {
    page.put(node, text);
    page.mark(node, "lang", lang === "en" ? null : "en");
  };

  // The catalogue of the language.
  const book = () => page.catalogue[lang] || page.catalogue.en;

  // An entry of a part of the catalogue, its own and no inherited one; "" where there is none.
  const entry = (part, name) => {
    const found = book()[part];
    return found && Object.hasOwn(found, name) ? found[name] : "";
  };

  // The words of a key, with {name} replaced by the values given.
  page.say = (key, values = {}) => {
    const text = Object.hasOwn(book(), key) ? book()[key] : page.catalogue.en[key] || key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
  };

  // The language of the page.
  page.lang = () => lang;

  // Change the language: all static words of the page anew.
  page.setLang = (wanted) => {
    lang = Object.hasOwn(page.catalogue, wanted) ? wanted : "en";
    document.documentElement.lang = lang === "zh" ? "zh-Hans" : lang;
    for (const node of document.querySelectorAll("[data-word]")) page.put(node, page.say(node.dataset.word));
    for (const node of document.querySelectorAll("[data-label]")) {
      page.mark(node, "aria-label", page.say(node.dataset.label));
    }
    for (const node of document.querySelectorAll("[data-hint]")) {
      page.mark(node, "placeholder", page.say(node.dataset.hint));
    }
  };

  const SPOKEN = {
    h100s: "H100s", h100: "H100", mfu: "MFU", gpu: "GPU", gpus: "GPUs", flop: "FLOP", ai: "AI", dit: "DiT",
    tiktok: "TikTok", youtube: "YouTube", gpt4: "GPT-4", llama2: "Llama 2", usd: "USD",
  };

  // `youtube_ai_penetration` as `YouTube AI penetration`.
  page.spoken = (name) => {
    const words = name.split("_").map((word) => (Object.hasOwn(SPOKEN, word) ? SPOKEN[word] : word)).join(" ");
    return words.slice(0, 1).toUpperCase() + words.slice(1);
  };

  // What a prior is, in the language: its text, in English with a capital.
  page.priorText = (prior) => {
    const text = prior.grows ? growth(prior) : entry("priors", prior.name) || prior.label || page.spoken(prior.name);
    return text.slice(0, 1).toUpperCase() + text.slice(1);
  };

  // What a growth is: of which prior, or of the odds of which share.
  const growth = ({ grows, grown, odds }) => (
    page.say(odds ? "growth_of_odds" : "growth_of", { prior: entry("priors", grows) || grown }));

  // What a quantity is, in the language; what a prior has become is told with its year.
  page.quantityText = (quantity) => {
    const moved = quantity.moved && entry("priors", quantity.of);
    if (moved) return page.say("dated", { text: moved, year: quantity.year });
    const text = entry("quantities", quantity.name) || quantity.text || page.spoken(quantity.name);
    return text.replace(/\.$/, "");
  };

  // A text on a quantity, with the year where it is another one in another year.
  page.dated = (text, quantity) => (quantity.year === undefined || quantity.moved ? text
    : page.say("dated", { text, year: quantity.year }));

  // The short name of a prior or quantity in a figure: as spoken in English, as it is told in another language.
  page.shortName = (name) => {
    const [, kind, of, step] = /^(trends|noise)\.(\w+)(?:\.(\d+))?$/.exec(name) || [];
    if (kind) return page.say(`${kind}_short`, { prior: page.shortName(of), year: yearOf(of, step) });
    const [, plain, year] = /^(.*)@(\d+)$/.exec(name) || [];
    if (plain) return page.say("dated", { text: page.shortName(plain), year });
    if (lang === "en") return page.spoken(name);
    return entry("short", name) || entry("quantities", name) || entry("priors", name) || page.spoken(name);
  };

  // The year of a step of a prior's random walk.
  const yearOf = (prior, step) => page.app.world.trend(`trends.${prior}`).start + Number(step || 0);

  // The name of a stage of the model.
  page.groupText = (name) => entry("groups", name) || page.spoken(name);

  // A unit in words, "" for a pure number.
  page.unitText = (unit, words) => {
    if (!unit || unit === "1") return "";
    return entry("units", unit) || words || page.engine.text.unitWords(unit);
  };

  // The figures of a text in English, as `3.34 million`, in the units in which Chinese counts.
  const inChinese = (text) => {
    const found = /^(-?)([\d,]+(?:\.\d+)?)(?: (million|billion|trillion))?$/.exec(text);
    if (!found) return text === "infinite" ? "无穷大" : text;
    const scale = { million: 1e6, billion: 1e9, trillion: 1e12 }[found[3]] || 1;
    const digits = found[2].replaceAll(",", "");
    const value = Number(digits) * scale;
    if (value < 1e4) return text;
    const [unit, word] = value >= 1e12 ? [1e12, "万亿"] : value >= 1e8 ? [1e8, "亿"] : [1e4, "万"];
    const figures = Math.max(digits.replace(".", "").replace(/^0+/, "").length, 1);
    const plain = Number((value / unit).toPrecision(Math.min(figures, 15)));
    return `${found[1]}${plain.toLocaleString("en-US", { maximumFractionDigits: 6 })} ${word}`;
  };

  // A number in words: `887,000`, `3.34 million`, `334 万`.
  page.number = (estimate) => {
    const text = page.engine.text.inWords(page.estimate(estimate));
    return lang === "zh" ? inChinese(text) : text;
  };

  // Parts of a phrase put together; in Chinese without spaces around its own brackets and words of counting.
  page.join = (...parts) => {
    const text = parts.filter(Boolean).join(" ");
    return lang === "zh" ? text.replace(/ ?([（）]) ?/g, "$1").replace(/([万亿]) (?=[\u4e00-\u9fff])/g, "$1") : text;
  };

  // A number as a figure says it: `2.94M`, in Chinese `294 万`.
  page.brief = (x) => (lang === "zh" ? page.number(x) : page.engine.text.short(page.value(x)));

  // A number with its error, or a bare number as an exact one.
  page.estimate = (x) => (typeof x === "number" ? { value: x, mcse: 0 } : x);

  // The value of a number that may have an error.
  page.value = (x) => (typeof x === "number" ? x : x.value);

  const COUNTED = { 3: [4, "万"], 6: [4, "万"], 9: [8, "亿"], 12: [12, "万亿"] };

  // The power of ten of a row of numbers, and its word: (6, "million"), (4, "万").
  page.sharedScale = (...estimates) => {
    const found = page.engine.text.sharedScale(...estimates.map(page.value));
    const [power, word] = Array.isArray(found) ? found : [found.power, found.word];
    if (lang !== "zh" || !Object.hasOwn(COUNTED, power)) return [power, word || ""];
    return power === 6 && Math.abs(page.value(estimates[0])) >= 1e8 ? [8, "亿"] : COUNTED[power];
  };

  // A number in units of 10^power, with its error in parentheses.
  page.figures = (estimate, power = 0) => {
    const { value, mcse } = page.estimate(estimate);
    return page.engine.text.figures(value, mcse, power);
  };

  // A probability with its error, as `0.612(1)`; none and all of the draws as bounds.
  page.chance = (estimate) => {
    const bound = page.engine.text.readable(Number((3 / page.engine.draws).toPrecision(1)), 0);
    if (estimate.value <= 0) return `< ${bound}`;
    if (estimate.value >= 1) return `> 1 - ${bound}`;
    return page.engine.text.readable(estimate.value, estimate.mcse);
  };

  // A probability as percent, for a drawn label.
  page.percent = (p) => {
    if (p > 0 && p < 0.001) return "< 0.1 %";
    return `${Number((100 * p).toPrecision(p > 0.995 && p < 1 ? 4 : 3)).toString()} %`;
  };

  // A whole number as an exponent.
  page.raised = (power) => [...String(power)].map((d) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(d)]).join("");

  // A factor, as `× 1.47`.
  page.factor = (x) => `× ${page.engine.text.short(x)}`;

  // How wide a text is drawn, about: Chinese characters are twice as wide.
  page.wide = (text, size) => {
    let ems = 0;
    for (const letter of text) ems += letter.codePointAt(0) > 0x2e80 ? 1 : " .,".includes(letter) ? 0.32 : 0.57;
    return ems * size;
  };

  // A text cut to a width, with an ellipsis.
  page.clipped = (text, size, width) => {
    if (text.length < 400 && page.wide(text, size) <= width) return text;
    const letters = [...text.slice(0, 400)];
    while (letters.length && page.wide(`${letters.join("")}…`, size) > width) letters.pop();
    return `${letters.join("").trimEnd()}…`;
  };

  const SCALES = {
    "": 1, k: 1e3, K: 1e3, thousand: 1e3, M: 1e6, million: 1e6, B: 1e9, G: 1e9, bn: 1e9, billion: 1e9, T: 1e12,
    trillion: 1e12, "%": 0.01, 万: 1e4, 亿: 1e8, 万亿: 1e12,
  };

  // A number as people write it: `720k`, `15 million`, `72 万`; NaN where it is none.
  page.parseNumber = (text) => {
    const found = /^([+-]?(?:\d[\d,_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\D*)$/.exec(text.trim());
    if (!found || !Object.hasOwn(SCALES, found[2].trim())) return NaN;
    return Number(found[1].replace(/[,_]/g, "")) * SCALES[found[2].trim()];
  };

  // A number to so many significant digits.
  page.rounded = (x, digits = 3) => Number(Number(x).toPrecision(digits));

  // Fill a table in place: heads, and rows of texts; a cell of another language is {text, lang}.
  page.fill = (table, heads, rows) => {
    const [head, body] = [table.tHead || table.createTHead(), table.tBodies[0] || table.createTBody()];
    fillRow(head, 0, heads, "th");
    rows.forEach((cells, i) => fillRow(body, i, cells, "td", heads));
    while (body.rows.length > rows.length) body.deleteRow(-1);
  };

  // One row of a table; the first cell of a body's row is its head.
  const fillRow = (part, i, cells, tag, heads = []) => {
    const row = part.rows[i] || part.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((cell, j) => {
      let node = row.cells[j];
      if (!node) {
        node = page.make(tag === "td" && j ? "td" : "th", { scope: tag === "th" ? "col" : j ? undefined : "row" });
        row.append(node);
      }
      page.put(node, typeof cell === "object" ? cell.text : String(cell));
      if (heads.length) page.mark(node, "data-head", heads[j]);
      page.mark(node, "lang", typeof cell === "object" && lang !== "en" ? cell.lang : null);
    });
  };
})();
