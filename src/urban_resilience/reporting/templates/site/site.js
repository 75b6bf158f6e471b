// What the pages do: language, theme, tables, charts, and the pages that the reader moves.
// Classic script: pages opened from disk have no modules, no fetch and no workers.
(function () {
  "use strict";
  const SITE = window.SITE || {}, html = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const page = html.dataset.page;
  const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const zh = () => html.lang === "zh";
  // Texts are written for cities; a study may be about states or regions.
  function of(text) {
    const { place, places, placeZh } = html.dataset;
    if (typeof text !== "string" || place === "city") return text;
    return text.replaceAll("城市", placeZh).replace(/(\b[Aa] )?\b(cit(?:y|ies))\b/gi, (all, article, word) => {
      const said = word.toLowerCase() === "city" ? place : places;
      const before = article && /^[aeiou]/.test(said) ? article.trim() + "n " : article || "";
      return before + (word[0] === "C" ? said[0].toUpperCase() + said.slice(1) : said);
    });
  }
  const t = (en, cn) => of(zh() ? cn : en);
  const name = (row) => t(row.en, row.zh) || row.variable || row.city_code;

  function remember(key, value) {
    if (value === null || value === "") state.delete(key); else state.set(key, value);
    const text = state.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname.split("/").pop());
    carry();
  }
  // Language and theme travel with every link: storage is shared or blocked on pages from disk.
  function carry() {
    document.querySelectorAll('a[href*=".html"]').forEach((link) => {
      const [path, hash] = link.getAttribute("href").split("#");
      const own = new URLSearchParams(hash || "");
      ["lang", "theme"].forEach((key) => { if (state.get(key)) own.set(key, state.get(key)); else own.delete(key); });
      link.setAttribute("href", own.toString() ? path + "#" + own : path);
    });
  }

  // Numbers ---------------------------------------------------------------------------------
  function shown(value, digits = 4) {
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return String(value);
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e15) return value.toLocaleString("en-US");
    if (size >= 1000) return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
    return size >= 1 ? value.toFixed(Math.max(digits - 1, 2)) : size >= 10 ** -digits || !size ? value.toFixed(digits) : value.toExponential(2);
  }
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([key, value]) => { if (value !== null) made.setAttribute(key, value); });
    made.append(...children);
    return made;
  }
  // A table of rows: every number keeps its full value for the download.
  function table(target, heads, rows, file) {
    if (!rows.length) { target.replaceChildren(element("p", { class: "muted" }, t("None.", "无。"))); return; }
    const body = element("tbody");
    rows.forEach((row) => body.append(element("tr", {}, ...row.map((cell) => {
      if (cell instanceof Node) return element("td", {}, cell);
      return typeof cell === "number" ? element("td", { class: "n", "data-value": cell }, shown(cell)) : element("td", {}, shown(cell));
    }))));
    const head = element("thead", {}, element("tr", {}, ...heads.map((h) => element("th", { scope: "col" }, h))));
    const made = element("table", { class: "data", "data-file": file }, head, body);
    target.replaceChildren(element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": file }, made));
    downloads(target);
  }
  function visible(cell) {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll(`[lang="${zh() ? "en" : "zh"}"]`).forEach((other) => other.remove());
    return copy.textContent.trim();
  }
  function csv(source) {
    const text = [...source.rows].map((row) => [...row.cells].map((cell) => {
      const value = cell.dataset.value ?? visible(cell);
      // A cell that a spreadsheet would take for a formula is text.
      const safe = /^[=+@\t\r]|^-(?![\d.])/.test(value) ? "'" + value : value;
      return /[",\n]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
    }).join(",")).join("\r\n");
    return "\ufeff" + text;
  }
  function downloads(root) {
    root.querySelectorAll("table.data").forEach((source) => {
      const box = source.closest(".scroll") || source;
      if (box.nextElementSibling && box.nextElementSibling.classList.contains("download")) return;
      // A head stands over its numbers.
      const first = source.tBodies[0]?.rows[0], heads = source.tHead?.rows[0];
      if (first && heads && first.cells.length === heads.cells.length) [...first.cells].forEach((cell, i) => heads.cells[i].classList.toggle("n", cell.classList.contains("n")));
      const button = element("button", { type: "button", class: "download" }, "CSV ↓");
      button.setAttribute("aria-label", "CSV " + source.dataset.file);
      button.addEventListener("click", () => {
        const link = element("a", { download: source.dataset.file + ".csv", href: URL.createObjectURL(new Blob([csv(source)], { type: "text/csv" })) });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      });
      box.after(button);
    });
  }

  // Charts ----------------------------------------------------------------------------------
  // Titles hold both languages around a separator: one is kept.
  function inLanguage(value) {
    if (typeof value === "string") return value.includes("¦") ? of(value.split("¦")[zh() ? 1 : 0]) : value;
    if (Array.isArray(value)) return value.map(inLanguage);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inLanguage(v)]));
    return value;
  }
  function draw(target, spec) {
    const style = getComputedStyle(html), ink = style.getPropertyValue("--ink").trim(), line = style.getPropertyValue("--line").trim();
    const text = { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12 };
    // On a phone a legend in a row would run out of the picture, and long names would leave it no room.
    const isNarrow = target.clientWidth < 480, widest = target.clientWidth * 0.4;
    const config = {
      background: "transparent", font: getComputedStyle(document.body).fontFamily, view: { stroke: null },
      axis: { ...text, gridColor: line, domainColor: line, tickColor: line, titleFontWeight: "normal", titleLimit: isNarrow ? target.clientWidth * 0.6 : 0 }, legend: text, rule: { color: ink },
    };
    const narrow = (key, value) => (key === "legend" && value ? { ...value, columns: 1 } : key === "axis" && value?.labelLimit > widest ? { ...value, labelLimit: widest } : value);
    const fitted = JSON.parse(JSON.stringify(inLanguage(spec), (key, value) => (isNarrow ? narrow(key, value) : value)));
    return vegaEmbed(target, { ...fitted, config }, { renderer: "svg", actions: false });
  }
  function charts() {
    const all = Object.assign({}, ...Object.keys(SITE).filter((key) => key.startsWith("charts_")).map((key) => SITE[key]));
    const fill = (box) => draw(box, all[box.dataset.chart]);
    // Far ones wait until they come near: a page of results has twenty.
    const near = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (entry.isIntersecting) { near.unobserve(entry.target); fill(entry.target); }
    }), { rootMargin: "600px" });
    document.querySelectorAll("[data-chart]").forEach((box) => { if (all[box.dataset.chart]) near.observe(box); });
  }

  // Cities and map --------------------------------------------------------------------------
  const P = SITE.panel;
  const at = (cells, city, year) => (cells ? cells[city * P.years.length + year] ?? null : null);
  function median(values) {
    const sorted = values.filter((v) => v !== null).sort((a, b) => a - b), n = sorted.length;
    return n ? (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2 : null;
  }
  function choices(select, rows, chosen, empty) {
    const options = rows.map(([value, label]) => element("option", { value }, label));
    select.replaceChildren(...(empty ? [element("option", { value: "" }, empty)] : []), ...options);
    select.value = chosen ?? select.value;
  }
  function variableChoice() {
    const wanted = state.get("variable") || (P.values[P.outcome] ? P.outcome : P.variables[0]?.variable);
    choices($("variable"), P.variables.map((v) => [v.variable, `${name(v)} (${v.variable})`]), wanted);
    $("variable").onchange = () => { remember("variable", $("variable").value); render(); };
    return P.variables.find((v) => v.variable === $("variable").value) || P.variables[0];
  }
  const unit = (row) => (zh() && row.unit_zh) || row.unit;
  const label = (variable) => name(variable) + (variable.unit ? t(", ", "，") + unit(variable) : "");

  function cities() {
    const listed = P.cities.map((c, i) => [i, c]);
    const words = $("search").value.trim().toLowerCase();
    const fits = listed.filter(([, c]) => [c.en, c.zh, c.city_code, c.province, c.province_zh].join(" ").toLowerCase().includes(words));
    const within = (first, c) => [first, t(c.province, c.province_zh)].filter(Boolean).join(" · ");
    const option = ([, c]) => [c.city_code, within(name(c), c)];
    const offered = fits.length ? fits : listed;
    const wanted = state.get("city"), code = offered.some(([, c]) => c.city_code === wanted) ? wanted : offered[0][1].city_code;
    choices($("city"), offered.map(option), code);
    $("city").onchange = () => { remember("city", $("city").value); render(); };
    $("search").oninput = () => { render(); if (fits.length) remember("city", $("city").value); };
    const others = [1, 2, 3].map((n) => {
      choices($("compare" + n), listed.map(option), state.get("with" + n) || "", "–");
      $("compare" + n).onchange = (event) => { remember("with" + n, event.target.value); render(); };
      return P.cities.findIndex((c) => c.city_code === $("compare" + n).value);
    }).filter((i) => i >= 0);
    const me = P.cities.findIndex((c) => c.city_code === code), city = P.cities[me], variable = variableChoice(), cells = P.values[variable.variable];
    $("city_name").textContent = name(city);
    $("city_facts").textContent = within(city.city_code, city);
    // Peers are nearest in the ranked index in the first year that both have it.
    const base = P.values[P.outcome] || cells, first = P.years.findIndex((_, y) => at(base, me, y) !== null);
    const peers = first < 0 ? [] : listed.map(([i]) => [Math.abs((at(base, i, first) ?? Infinity) - at(base, me, first)), i]).filter(([d, i]) => i !== me && isFinite(d)).sort((a, b) => a[0] - b[0]).slice(0, 5).map(([, i]) => i);
    const province = listed.filter(([i, c]) => i !== me && c.province === city.province).map(([i]) => i);
    const series = [[name(city), [me]], ...others.map((i) => [name(P.cities[i]), [i]])];
    if (!others.length && city.province) series.push([t("province, median", "所在省中位数"), province]);
    if (!others.length) series.push([t("peers, median", "同类城市中位数"), peers], [t("all cities, median", "全部城市中位数"), listed.map(([i]) => i)]);
    const rows = series.flatMap(([place, members]) => P.years.map((year, y) => ({ place, year, value: median(members.map((i) => at(cells, i, y))) }))).filter((row) => row.value !== null);
    const spec = structuredClone(SITE.charts_cities.lines);
    spec.data.values = rows;
    spec.encoding.y.title = label(variable);
    const places = series.map(([place]) => place).filter((place) => rows.some((row) => row.place === place));
    const value = (place, year) => rows.find((r) => r.place === place && r.year === year)?.value ?? null;
    spec.encoding.color.scale.domain = spec.encoding.strokeDash.scale.domain = places;
    draw($("city_chart"), spec);
    table($("city_numbers"), [t("year", "年份"), ...places], P.years.map((year) => [String(year), ...places.map((place) => value(place, year))]), "city_" + variable.variable);
    const ranks = P.years.map((year, y) => [year, at(P.ranks, me, y)]).filter(([, rank]) => rank !== null);
    table($("city_ranks"), [t("year", "年份"), t("rank", "排名"), t("moved", "变动")], ranks.map(([year, rank], i) => [String(year), rank, i ? ranks[i - 1][1] - rank : null]), "ranks");
    cityIndicators(me, city);
  }
  function contribution(indicator, city, year) {
    const I = SITE.indicators, score = at(I.scores[indicator.id], city, year);
    return I.contributions[indicator.id] ? at(I.contributions[indicator.id], city, year) : score === null ? null : score * indicator.weight;
  }
  function cityIndicators(me, city) {
    const I = SITE.indicators, D = SITE.details;
    choices($("year"), P.years.map((y) => [y, y]), state.get("year") || P.years[P.years.length - 1]);
    $("year").onchange = () => { remember("year", $("year").value); render(); };
    const y = P.years.indexOf(Number($("year").value)), filled = D.filled[city.city_code] || [];
    const isFilled = (indicator) => filled.some(([series, year]) => year === P.years[y] && (D.uses[indicator] || []).includes(series));
    table($("city_indicators"), [t("indicator", "指标"), t("value", "数值"), t("unit", "单位"), t("score", "得分"), t("weight", "权重"), t("contribution", "贡献")],
      I.indicators.map((i) => [name(i) + (isFilled(i.id) ? " *" : ""), at(I.values[i.id], me, y), unit(i), at(I.scores[i.id], me, y), i.weight, contribution(i, me, y)]).sort((a, b) => (b[5] ?? -Infinity) - (a[5] ?? -Infinity) || 0), "indicators");
    const dimensions = [...new Set(I.indicators.map((i) => i.dimension))];
    const total = (dimension, year) => { const own = I.indicators.filter((i) => i.dimension === dimension).map((i) => contribution(i, me, year)); return own.some((v) => v === null) ? null : own.reduce((a, b) => a + b, 0); };
    const title = (dimension) => { const v = P.variables.find((row) => row.variable === dimension); return v ? name(v) : dimension; };
    table($("city_dimensions"), [t("year", "年份"), ...dimensions.map(title)], dimensions.length ? P.years.map((year, at) => [String(year), ...dimensions.map((d) => total(d, at))]) : [], "dimensions");
    table($("city_quotients"), [t("sector", "行业"), t("name", "名称"), t("location quotient", "区位商"), t("members", "会员数")], (D.quotients[city.city_code] || []).map(([sector, quotient, members]) => [sector, name(D.sectors[sector]), quotient, members]), "quotients");
    table($("city_filled"), [t("series", "序列"), t("year", "年份"), t("how", "方式")], filled.map(([s, year, how]) => [s, String(year), (zh() && D.codes[how]) || how]), "filled");
  }
  function map() {
    const variable = variableChoice(), slider = $("map_year");
    if (state.get("year")) slider.value = state.get("year");
    $("map_year_shown").textContent = slider.value;
    slider.oninput = () => { remember("year", slider.value); render(); };
    const y = P.years.indexOf(Number(slider.value)), cells = P.values[variable.variable];
    const rows = P.cities.map((c, i) => ({ place: name(c), province: t(c.province, c.province_zh), longitude: c.longitude, latitude: c.latitude, value: at(cells, i, y) })).filter((r) => r.value !== null).sort((a, b) => b.value - a.value);
    rows.forEach((row, i) => { row.rank = i + 1; });
    const spec = structuredClone(SITE.charts_cities.bubbles);
    spec.data.values = rows.filter((r) => r.longitude !== null);
    spec.encoding.color.title = label(variable);
    if ($("map_chart")) draw($("map_chart"), spec);
    const provinces = rows.some((r) => r.province) ? [t("province", "省份")] : [];
    table($("map_numbers"), [t("rank", "排名"), t("city", "城市"), ...provinces, label(variable)], rows.map((r) => [r.rank, r.place, ...(provinces.length ? [r.province] : []), r.value]), "map_" + variable.variable + "_" + slider.value);
  }

  // What if ---------------------------------------------------------------------------------
  let weights = null;
  function whatIf() {
    const I = SITE.indicators;
    if (!$("sliders")) return;
    weights = weights || Object.fromEntries(I.indicators.map((i) => [i.id, i.weight]));
    choices($("year"), P.years.map((y) => [y, y]), state.get("year") || P.years[P.years.length - 1]);
    $("year").onchange = () => { remember("year", $("year").value); ranks(); };
    $("reset").onclick = () => { weights = null; render(); };
    $("equal").onclick = () => { I.indicators.forEach((i) => { weights[i.id] = 1 / I.indicators.length; }); render(); };
    $("sliders").replaceChildren(...I.indicators.map((i) => {
      const input = element("input", { type: "range", id: "w_" + i.id, min: 0, max: 0.5, step: "any" });
      input.value = weights[i.id];
      input.oninput = () => { weights[i.id] = Number(input.value); ranks(); };
      return element("div", { class: "slider" }, element("label", { for: "w_" + i.id }, name(i)), input, element("output", { for: "w_" + i.id, id: "o_" + i.id }));
    }));
    ranks();
  }
  function ranks() {
    const I = SITE.indicators, y = P.years.indexOf(Number($("year").value)), sum = Object.values(weights).reduce((a, b) => a + b, 0);
    I.indicators.forEach((i) => { $("o_" + i.id).textContent = sum ? (weights[i.id] / sum).toFixed(4) : "0"; });
    const rows = P.cities.map((city, c) => {
      const scores = I.indicators.map((i) => at(I.scores[i.id], c, y));
      if (!sum || scores.some((s) => s === null)) return null;
      return { city, before: at(P.ranks, c, y), score: scores.reduce((total, s, n) => total + s * weights[I.indicators[n].id] / sum, 0) };
    }).filter(Boolean).sort((a, b) => b.score - a.score);
    rows.forEach((row, i) => { row.rank = i + 1; });
    const moved = rows.filter((r) => r.rank !== r.before).length;
    $("what_if_words").textContent = sum ? t(`${moved} of ${rows.length} cities have another rank than in the warehouse.`, `${rows.length} 个城市中有 ${moved} 个的排名与数据仓库不同。`) : t("Every weight is zero.", "所有权重均为零。");
    table($("what_if_ranks"), [t("rank", "排名"), t("city", "城市"), t("score", "得分"), t("rank in the warehouse", "原排名"), t("moved", "变动")], rows.map((r) => [r.rank, name(r.city), r.score, r.before, r.before - r.rank]), "what_if");
  }

  // Dictionary ------------------------------------------------------------------------------
  // What a relation is made from, each name a search for itself where the dictionary has it.
  function lineage(relation) {
    const known = new Set(SITE.dictionary.map((other) => other.name));
    const names = relation.made_from.flatMap((other, i) => {
      const code = element("code", {}, other);
      if (!known.has(other)) return [i ? ", " : "", code];
      const link = element("a", { href: "dictionary.html#words=" + other }, code);
      link.onclick = (event) => { event.preventDefault(); $("words").value = other; remember("words", other); dictionary(); };
      return [i ? ", " : "", link];
    });
    return element("p", {}, t("Made from: ", "来源："), ...(names.length ? names : [t("nothing else of the warehouse.", "不来自库中其他关系。")]));
  }
  // A column has its English, then what of it has been said in Chinese.
  function inWords([column, type, meaning, chinese, ...rest]) {
    const [units, formula, source, meaningZh, unitZh, formulaZh, sourceZh] = rest, of = (en, cn) => (zh() && cn) || en || "";
    return [column, type, of(meaning, meaningZh), chinese, of(units, unitZh), of(formula, formulaZh), of(source, sourceZh)];
  }
  function dictionary() {
    const words = $("words").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (text) => words.every((word) => text.toLowerCase().includes(word));
    let columns = 0;
    const blocks = SITE.dictionary.map((relation) => {
      const full = relation.name, whole = words.length && fits(full + " " + relation.meaning + " " + relation.zh);
      const own = relation.columns.filter((column) => whole || fits(full + " " + column.join(" ")));
      if (!own.length) return null;
      columns += own.length;
      const block = element("details", words.length ? { open: "" } : {}, element("summary", {}, element("code", {}, full), " " + ((zh() && relation.zh) || relation.meaning.split("\n\n")[0].replace(/\n/g, " "))));
      const box = element("div");
      const fill = () => { if (!box.firstChild) table(box, [t("column", "列"), t("type", "类型"), t("meaning", "含义"), t("Chinese name", "中文名称"), t("unit", "单位"), t("formula", "公式"), t("source", "来源")], own.map(inWords), full); };
      if (!zh() || !relation.zh) block.append(element("p", { class: "muted" }, relation.meaning.replace(/\n(?!\n)/g, " ")));
      block.append(lineage(relation), box);
      if (words.length) fill(); else block.addEventListener("toggle", fill);
      return block;
    }).filter(Boolean);
    $("found").textContent = t(`${columns} columns of ${blocks.length} relations`, `${blocks.length} 个关系，${columns} 列`);
    $("relations").replaceChildren(...blocks);
    $("words").oninput = () => { remember("words", $("words").value); dictionary(); };
  }

  // SQL -------------------------------------------------------------------------------------
  let database = null;
  async function open() {
    if (database) return database;
    const bytes = Uint8Array.from(atob(SITE.marts), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const file = new Uint8Array(await new Response(stream).arrayBuffer());
    const engine = await initSqlJs();
    database = new engine.Database(file);
    // Tables are named schema.relation in the file: each schema gets its own, as in the warehouse.
    const names = database.exec("select name from main.sqlite_master where type = 'table'")[0].values.map((row) => row[0]);
    new Set(names.map((n) => n.split(".")[0])).forEach((schema) => database.run(`attach ':memory:' as "${schema}"`));
    names.forEach((n) => { const [schema, relation] = n.split("."); database.run(`create table "${schema}"."${relation}" as select * from main."${n}"; drop table main."${n}"`); });
    return database;
  }
  // Where `urban-resilience serve` serves the pages, DuckDB answers; from disk, SQLite in the page.
  let found = null;
  const served = () => found ||= location.protocol.startsWith("http") ? fetch("engine.json").then((reply) => (reply.ok ? reply.json() : null)).catch(() => null) : Promise.resolve(null);
  async function answer(query) {
    const native = await served();
    if (!native) {
      const last = (await open()).exec(query).pop() || { columns: [], values: [] };
      return { engine: "SQLite", columns: last.columns, rows: last.values.slice(0, 2000), more: last.values.length > 2000 };
    }
    const reply = await fetch("query", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ sql: query }) });
    const said = await reply.json();
    if (!reply.ok) throw new Error(said.error);
    return { engine: native.engine, ...said };
  }
  async function run() {
    const start = performance.now();
    $("status").textContent = t("running …", "运行中……");
    try {
      const { engine, columns, rows, more } = await answer($("query").value);
      table($("answer"), columns, rows, "answer");
      $("status").textContent = t(`${rows.length} rows`, `${rows.length} 行`) + (more ? t(", and there are more", "，其余未显示") : "") + `, ${((performance.now() - start) / 1000).toFixed(1)} s, ${engine}`;
    } catch (error) {
      $("answer").replaceChildren();
      $("status").textContent = error.message;
    }
  }
  function sql() {
    served().then((native) => {
      if (!native) return;
      $("engine").textContent = t(`${native.engine} answers, over the whole published file, which is only read: ${native.rows} rows and ${native.seconds} s at most. A relation is found by its name, with or without its schema.`, `由 ${native.engine} 在已发布的数据仓库文件上执行，只读：至多 ${native.rows} 行、${native.seconds} 秒。关系名可带或不带 schema。`);
      $("ask").hidden = false;
    });
    [...$("question").options].forEach((option) => { option.textContent = zh() ? option.dataset.zh : option.dataset.en; });
    $("run").onclick = run;
    $("query").onkeydown = (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); };
    $("question").onchange = () => { $("query").value = $("question").value; };
  }

  // Everything ------------------------------------------------------------------------------
  const pages = { cities, map, what_if: whatIf, dictionary, sql };
  function render() {
    html.lang = state.get("lang") === "zh" ? "zh" : "en";
    const dark = state.get("theme") ? state.get("theme") === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    html.dataset.theme = dark ? "dark" : "light";
    $("language").textContent = zh() ? "English" : "中文";
    $("language").lang = zh() ? "en" : "zh";
    $("theme").textContent = dark ? t("Light", "浅色") : t("Dark", "深色");
    document.title = document.title.includes(" · ") ? (html.dataset.title ||= document.title).split(" · ")[zh() ? 1 : 0] : (html.dataset.title || document.title).split(" · ")[zh() ? 1 : 0];
    if (pages[page]) pages[page]();
    if (typeof vegaEmbed !== "undefined") charts();
    downloads(document);
    carry();
  }
  function goTo() {
    const spec = new URLSearchParams(location.hash.slice(1)).get("spec"), block = spec && $("spec-" + spec);
    if (block) { block.open = true; block.scrollIntoView(); block.querySelector("summary").focus(); }
  }
  $("language").onclick = () => { remember("lang", zh() ? null : "zh"); render(); };
  $("theme").onclick = () => { remember("theme", html.dataset.theme === "dark" ? "light" : "dark"); render(); };
  if (page === "dictionary" && state.get("words")) $("words").value = state.get("words");
  window.addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;
    const next = new URLSearchParams(location.hash.slice(1));
    [...next].forEach(([key, value]) => state.set(key, value));
    render();
    goTo();
  });
  render();
  goTo();
})();
