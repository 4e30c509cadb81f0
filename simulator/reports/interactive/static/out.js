(() => {
  "use strict";
  const page = (window.page = window.page || {});

  // A file for the reader's disk.
  page.download = (name, blob) => {
    const address = URL.createObjectURL(blob);
    const link = page.make("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 30000);
  };

  // The name of a file of this page, without its ending.
  page.fileName = (what) => {
    const { world, state, view } = page.app;
    const of = what === "priors" || what === "summary" ? "" : view.of.replace(/@\d+$/, "");
    const parts = [state.set, what, of, what === "priors" || what === "years" || world.year === null ? "" : world.year];
    return parts.filter(Boolean).join("-").replace(/[^\w.-]+/g, "_").slice(0, 100);
  };

  // Copy a text, and say whether it was copied; the old way where the new one is refused.
  page.copy = async (text, key) => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyBySelection(text);
    }
    page.status(page.say(done ? key : "copy_failed"));
  };

  // Copy by a field that is selected.
  const copyBySelection = (text) => {
    const before = document.activeElement;
    const field = page.make("textarea", { class: "hidden", readonly: true, "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    field.remove();
    if (before) before.focus();
    return done;
  };

  let clearing = 0;

  // Say a line in the page's corner, for some seconds and for a screen reader.
  page.status = (text) => {
    const node = page.at("status");
    node.textContent = text;
    node.classList.add("shown");
    clearTimeout(clearing);
    clearing = setTimeout(() => node.classList.remove("shown"), 4000);
  };

  // The link that restores what is shown.
  page.link = () => {
    const fragment = page.fragment(page.app.state, page.app.view);
    return `${location.href.split("#")[0]}#${fragment}`;
  };

  // Connect the buttons of what can be taken out.
  page.connectOut = () => {
    const { engine } = page;
    const type = "text/plain;charset=utf-8";
    const save = (name, text) => page.download(name, new Blob([text], { type }));
    page.at("copy-link").addEventListener("click", () => page.copy(page.link(), "link_copied"));
    page.at("copy-command").addEventListener("click", () => (
      page.copy(engine.command(page.app.world), "command_copied")));
    page.at("save-toml").addEventListener("click", () => (
      save(`${page.fileName("priors")}.toml`, engine.toml(page.app.world))));
    page.at("save-csv").addEventListener("click", () => (
      save(`${page.fileName("summary")}.csv`, engine.csv(page.app.world))));
  };

  // Show the command for the exact answer.
  page.showCommand = () => page.put(page.at("command"), page.engine.command(page.app.world));
})();
