(() => {
  "use strict";
  const page = (window.page = window.page || {});
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans CJK SC", sans-serif';
  const figures = [];
  let watch = null;

  // What watches the widths of figures; a width that has changed redraws the page.
  const watcher = () => {
    watch = watch || new ResizeObserver((entries) => {
      let changed = false;
      for (const entry of entries) {
        const width = Math.floor(entry.contentRect.width);
        const figure = figures.find((each) => each.stage === entry.target);
        if (!figure || figure.width === width) continue;
        figure.width = width;
        changed = true;
      }
      if (changed && page.app) page.app.redraw();
    });
    return watch;
  };

  // A figure: title, picture, downloads, and a table of its numbers; put at the end of `where`.
  page.figure = (where, name) => {
    const svg = page.draw("svg", { role: "img", "font-family": FONT, "aria-label": "" });
    const stage = page.make("div", { class: "stage" });
    stage.append(svg);
    const title = page.make("h3", {});
    const note = page.make("p", { class: "note" });
    const table = page.make("table", {});
    const summary = page.make("summary", { "data-word": "numbers" });
    const scroll = page.make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "" }, table);
    const numbers = page.make("details", { class: "numbers" }, summary, scroll);
    const figure = { name, svg, stage, title, numbers, width: 0, height: 0, paint: page.marks(svg), titled: "" };
    const tools = page.make("div", { class: "tools" }, ...["svg", "png"].map((kind) => page.make(
      "button", { type: "button", class: "quiet", "data-label": `download_${kind}`, onclick: () => save(figure, kind) },
      kind.toUpperCase(),
    )));
    const foot = page.make("div", { class: "figurefoot" }, numbers, tools);
    figure.node = page.make("figure", { class: `figure ${name}` }, title, note, stage, foot);
    figure.tell = (said) => tell(figure, said, { title, note, scroll });
    figure.table = (heads, rows) => page.fill(table, heads, rows);
    figure.draw = (marks, height) => draw(figure, marks, height);
    figures.push(figure);
    where.append(figure.node);
    watcher().observe(stage);
    return figure;
  };

  // Say a figure's title, the line beneath it, and what its picture shows.
  const tell = (figure, { title, note = "", label }, nodes) => {
    figure.titled = title;
    page.put(nodes.title, title);
    page.put(nodes.note, note);
    nodes.note.hidden = !note;
    page.mark(figure.svg, "aria-label", label || title);
    page.mark(nodes.scroll, "aria-label", `${page.say("numbers")}: ${title}`);
  };

  // Paint the marks of a figure that is seen.
  const draw = (figure, marks, height) => {
    if (!figure.width) return;
    if (figure.height !== height || figure.drawn !== figure.width) {
      figure.height = height;
      figure.drawn = figure.width;
      page.mark(figure.svg, "viewBox", `0 0 ${figure.width} ${height}`);
      page.mark(figure.svg, "width", figure.width);
      page.mark(figure.svg, "height", height);
    }
    figure.paint(marks);
  };

  // Every attribute that names a colour of the page, with the colour itself.
  const inlined = (node, colors) => {
    for (const each of [node, ...node.querySelectorAll("*")]) {
      for (const { name, value } of [...each.attributes]) {
        if (!value.startsWith("var(")) continue;
        each.setAttribute(name, colors.getPropertyValue(value.slice(4, -1)).trim() || "#888888");
      }
    }
  };

  // The picture of a figure as a file of its own: title above, whence it comes beneath, colours inlined.
  page.picture = (figure) => {
    const colors = getComputedStyle(document.documentElement);
    const [width, height, above, below] = [figure.drawn, figure.height, 34, 30];
    const copy = figure.svg.cloneNode(true);
    const group = page.draw("g", { transform: `translate(12 ${above})` });
    group.append(...copy.childNodes);
    const whole = page.draw("svg", {
      xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width + 24} ${height + above + below}`,
      width: width + 24, height: height + above + below, "font-family": FONT,
    });
    const text = (given, words) => {
      const node = page.draw("text", given);
      node.textContent = words;
      return node;
    };
    const [title, source] = [page.clipped(figure.titled, 15, width), page.clipped(page.app.whence(), 11, width)];
    whole.append(
      page.draw("rect", { x: 0, y: 0, width: "100%", height: "100%", fill: "var(--background)" }),
      text({ x: 12, y: 22, "font-size": 15, "font-weight": 600, fill: "var(--ink)" }, title),
      group,
      text({ x: 12, y: height + above + 20, "font-size": 11, fill: "var(--muted)" }, source),
    );
    inlined(whole, colors);
    return { text: new XMLSerializer().serializeToString(whole), width: width + 24, height: height + above + below };
  };

  // Download a figure as SVG or PNG.
  const save = (figure, kind) => {
    if (!figure.drawn) return;
    const picture = page.picture(figure);
    const file = `${page.fileName(figure.name)}.${kind}`;
    if (kind === "svg") {
      page.download(file, new Blob([picture.text], { type: "image/svg+xml" }));
      return;
    }
    const image = new Image();
    image.onload = () => {
      const canvas = page.make("canvas", { width: 2 * picture.width, height: 2 * picture.height });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => page.download(file, blob), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture.text)}`;
  };
})();
