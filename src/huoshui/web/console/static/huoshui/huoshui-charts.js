/* Huoshui charts: one ECharts theme and a few named chart kinds.
   A page says   <div class="hs-chart" data-chart="expect" data-from="id-of-json"></div>
   and the server puts the figures into <script type="application/json" id="…">. No inline code is needed (CSP), and
   fragments that htmx swaps in are drawn after the swap.
   Grammar: reality has colour, expectation is grey; colour leaves grey only outside the interval. */
(function () {
  "use strict";
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue("--hs-" + name).trim();
  const alpha = (hex, a) => {
    const n = parseInt(hex.slice(1), 16);
    return `rgba(${n >> 16}, ${(n >> 8) & 255}, ${n & 255}, ${a})`;
  };

  /* ---- words and figures of the page's language; the same rules as numbers.py ---- */
  const said = document.getElementById("hs-words");
  const word = said ? JSON.parse(said.textContent) : {};
  const english = document.documentElement.lang.startsWith("en");
  /* [from, divide by, unit, decimals, decimals while below ten] */
  const hant = document.documentElement.lang.toLowerCase() === "zh-hant";
  const steps = english ? [[1e9, 1e9, "B", 1, 2], [1e6, 1e6, "M", 1, 2], [1e4, 1e3, "K", 1, 1]] : [[1e8, 1e8, hant ? " 億" : " 亿", 2, 2], [1e4, 1e4, hant ? " 萬" : " 万", 1, 2]];
  function yuan(v, sign) {
    const a = Math.abs(v), s = v < 0 ? "−" : sign ? "+" : "";
    for (const [from, size, unit, places, finer] of steps) if (a >= from) {
      const n = a / size;
      return `${s}¥${n.toFixed(n >= (english ? 100 : 1000) ? 0 : n < 10 ? finer : places)}${unit}`;
    }
    return `${s}¥${a < 1000 ? a.toFixed(1) : Math.round(a).toLocaleString("en")}`;
  }
  function axisYuan(v) {
    for (const [from, size, unit] of steps) if (Math.abs(v) >= from) return `${+(v / size).toFixed(2)}${unit}`;
    return v.toLocaleString("en");
  }
  function count(v) { return v.toLocaleString("en"); }

  function tokens() {
    const t = {};
    for (const k of ["canvas", "surface", "sunken", "line", "line-2", "ink", "ink-2", "ink-3", "water", "clay", "red", "plum", "ochre", "moss", "slate", "band", "w1", "w2", "w3", "w4", "w5", "w6"]) t[k] = css(k);
    t.font = css("font");
    return t;
  }

  function theme(t) {
    const axis = {
      axisLine: { lineStyle: { color: t["line-2"] } }, axisTick: { show: false },
      axisLabel: { color: t["ink-3"], fontSize: 12, margin: 10 },
      splitLine: { lineStyle: { color: t.line, width: 1 } }, splitArea: { show: false },
      nameTextStyle: { color: t["ink-3"], fontSize: 12 },
    };
    return {
      color: [t.water, t.clay, t.plum, t.ochre, t.moss, t.slate],
      backgroundColor: "transparent",
      textStyle: { fontFamily: t.font, fontSize: 12, color: t["ink-2"] },
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 240, animationDurationUpdate: 160,
      categoryAxis: { ...axis, splitLine: { show: false } }, timeAxis: { ...axis, splitLine: { show: false } },
      valueAxis: { ...axis, axisLine: { show: false } }, logAxis: axis,
      line: { symbol: "none", lineStyle: { width: 2 }, smooth: false },
      bar: { barMaxWidth: 14, itemStyle: { borderRadius: 2 } },
      tooltip: {
        backgroundColor: t.surface, borderColor: t["line-2"], borderWidth: 1, padding: [8, 12], textStyle: { color: t.ink, fontSize: 12 },
        extraCssText: "border-radius:6px;box-shadow:0 12px 32px -8px rgba(0,0,0,.22)", axisPointer: { lineStyle: { color: t["ink-3"], width: 1, type: "solid" }, z: 1 },
      },
    };
  }

  /* Names come from customers' files and go into markup here: nothing enters unescaped. */
  const safe = (x) => String(x).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const tip = (title, rows) => `<div style="font-weight:600;margin-bottom:4px">${safe(title)}</div>` + rows.filter(Boolean).map(([k, v]) =>
    `<div style="display:flex;gap:24px;justify-content:space-between;line-height:20px"><span>${safe(k)}</span><b style="font-variant-numeric:tabular-nums">${safe(v)}</b></div>`).join("");

  const kinds = {};

  /* expected against actual, with interval; points outside it are marked, points inside stay plain */
  kinds.expect = (d, t) => {
    const known = (i) => d.actual[i] != null && d.lo[i] != null;
    const out = (i) => known(i) && (d.actual[i] < d.lo[i] ? -1 : d.actual[i] > d.hi[i] ? 1 : 0);
    const marks = d.days.map((x, i) => out(i) ? { value: [x, d.actual[i]], itemStyle: { color: t.surface, borderColor: out(i) < 0 ? t.clay : t.water, borderWidth: 2 } } : null).filter(Boolean);
    return {
      grid: { left: 46, right: 16, top: 34, bottom: 26 },
      tooltip: { trigger: "axis", formatter: (p) => { const i = p[0].dataIndex; const o = out(i);
        return tip(d.days[i] + (d.notes && d.notes[i] ? " · " + d.notes[i] : ""), [[word.actual, d.actual[i] == null ? "—" : yuan(d.actual[i])], known(i) && [word.expected, yuan(d.mid[i])], known(i) && [word.range, `${yuan(d.lo[i])}–${yuan(d.hi[i])}`], o ? [o < 0 ? word.below : word.above, yuan(d.actual[i] - d.mid[i], true)] : known(i) && [word.verdict, word.normal]]); } },
      xAxis: { type: "category", data: d.days, boundaryGap: false, axisLabel: { interval: (i) => (d.days.length - 1 - i) % 5 === 0, showMaxLabel: true } },
      yAxis: { type: "value", min: d.min || 0, splitNumber: 4, axisLabel: { formatter: axisYuan } },
      series: [
        { type: "line", stack: "b", data: d.lo, lineStyle: { opacity: 0 }, silent: true, z: 1 },
        { type: "line", stack: "b", data: d.hi.map((h, i) => (h == null ? null : h - d.lo[i])), lineStyle: { opacity: 0 }, areaStyle: { color: t.band, opacity: 1 }, silent: true, z: 1 },
        { type: "line", data: d.mid, lineStyle: { color: t["ink-3"], width: 1.25, type: [4, 4] }, silent: true, z: 2 },
        { type: "line", data: d.actual, lineStyle: { color: t.water, width: 2.25 }, itemStyle: { color: t.water }, z: 4,
          markLine: { symbol: "none", silent: true, lineStyle: { color: t["line-2"], type: "solid", width: 1 }, label: { color: t["ink-3"], fontSize: 12, distance: 6, formatter: (m) => m.name }, data: (d.events || []).map((e) => ({ name: e.name, xAxis: e.at })) } },
        { type: "scatter", data: marks, symbolSize: 9, z: 6, tooltip: { show: false } },
        d.now ? { type: "scatter", data: [{ value: d.now.at, symbol: "circle" }], symbolSize: 9, z: 7, itemStyle: { color: t.surface, borderColor: t.clay, borderWidth: 2, borderType: [2, 2] }, label: { show: true, position: "bottom", distance: 12, offset: [-44, 0], formatter: d.now.text, color: t.clay, fontWeight: 600, fontSize: 12 } } : null,
      ].filter(Boolean),
    };
  };

  /* TGI: bars leave from 100; strength by shade, never by hue alone */
  kinds.tgi = (d, t, wide) => {
    const rows = d.rows.slice().reverse(), most = d.max ?? 250;
    /* beside a table every bar stands on its row; the names leave the bars half of a phone */
    const names = d.bare ? Math.min(204, Math.round(wide * 0.42)) : 116, step = (most > 300 ? 100 : 50) * (wide - names < 260 ? 2 : 1);
    return {
      grid: { left: names, right: d.bare ? 40 : 132, top: d.bare ? 33 : 24, bottom: d.bare ? 0 : 4 },
      tooltip: { trigger: "item", formatter: (p) => { const r = rows[p.dataIndex]; return tip(r.name, [[word.these, r.share.toFixed(1) + "%"], [word.everyone, r.base.toFixed(1) + "%"], ["TGI", r.tgi]]); } },
      xAxis: { type: "value", min: d.min ?? 0, max: most, position: "top", splitNumber: 4, axisLabel: { margin: 6, showMaxLabel: false, formatter: (v) => (v === 100 ? `{a|100 ${word.average}}` : Math.abs(v - 100) < most * (wide - names < 260 ? 0.45 : 0.2) ? "" : v), rich: { a: { color: t.ink, fontWeight: 600, fontSize: 12 } } }, interval: step, splitLine: { lineStyle: { color: t.line } } },
      yAxis: { type: "category", data: rows.map((r) => r.name), axisLine: { show: false }, axisLabel: { color: t.ink, fontSize: 13, margin: 12, width: names - 16, overflow: "truncate" } },
      series: [{
        type: "custom", data: rows.map((r, i) => [r.tgi, i]), encode: { x: 0, y: 1 },
        renderItem: (params, api) => {
          const r = rows[params.dataIndex], over = r.tgi > most, c = api.coord([Math.min(r.tgi, most), params.dataIndex]), z = api.coord([100, params.dataIndex]), h = 12;
          const strong = r.sure !== false && Math.abs(r.tgi - 100) >= 20, fill = r.tgi >= 100 ? (strong ? t.water : t.w3) : (strong ? t.slate : t["line-2"]);
          const right = params.coordSys.x + params.coordSys.width;
          /* a figure left of a bar that ends near the axis would stand on the name of the row */
          const leads = r.tgi >= 100 || c[0] - params.coordSys.x < 32, from = leads && r.tgi < 100 ? z[0] : c[0];
          return { type: "group", children: [
            { type: "rect", shape: { x: Math.min(c[0], z[0]), y: c[1] - h / 2, width: Math.max(Math.abs(c[0] - z[0]), 1), height: h, r: 2 }, style: { fill } },
            /* what is beyond the scale is broken, and still says how much */
            over ? { type: "polygon", shape: { points: [[c[0] - 17, c[1] + h / 2 + 2], [c[0] - 11, c[1] - h / 2 - 2], [c[0] - 7, c[1] - h / 2 - 2], [c[0] - 13, c[1] + h / 2 + 2]] }, style: { fill: t.surface } } : null,
            { type: "text", style: { text: String(r.tgi), x: leads ? from + 6 : from - 6, y: c[1], align: leads ? "left" : "right", verticalAlign: "middle", fill: strong ? t.ink : t["ink-3"], font: `600 12px ${t.font}` } },
            d.bare ? null : { type: "text", style: { text: `${r.share.toFixed(1)}%`, x: right + 58, y: c[1], align: "right", verticalAlign: "middle", fill: t.ink, font: `12px ${t.font}` } },
            d.bare ? null : { type: "text", style: { text: `${r.base.toFixed(1)}%`, x: right + 118, y: c[1], align: "right", verticalAlign: "middle", fill: t["ink-3"], font: `12px ${t.font}` } },
          ].filter(Boolean) };
        },
        markLine: { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: t.ink, width: 1, type: "solid" }, data: [{ xAxis: 100 }] },
      }],
      graphic: d.bare ? [] : [{ type: "text", right: 74, top: 4, style: { text: word.these, fill: t["ink-3"], font: `12px ${t.font}` } }, { type: "text", right: 14, top: 4, style: { text: word.everyone, fill: t["ink-3"], font: `12px ${t.font}` } }],
    };
  };

  /* rhythm: one lane per category (the lane says which, so one hue is enough), a dot per visit (area = amount),
     hollow dot = when it should come next, ink ring = the order shown below */
  kinds.rhythm = (d, t) => {
    const most = Math.max(1, ...d.buys.map((b) => b[2]));
    const size = (a) => 5 + 19 * Math.sqrt(a / most);
    return {
      grid: { left: 78, right: 18, top: 26, bottom: 26 },
      tooltip: { trigger: "item", formatter: (p) => p.data.tip || "" },
      xAxis: { type: "time", min: d.from, max: d.to, axisLabel: { formatter: english ? { year: "{yyyy}", month: "{MMM}" } : { year: "{yyyy} 年", month: "{M} 月" }, hideOverlap: true }, splitLine: { show: false } },
      yAxis: { type: "category", data: d.lanes, inverse: true, axisLine: { show: false }, axisLabel: { color: t.ink, fontSize: 13, margin: 14 }, splitLine: { show: true, lineStyle: { color: t.line } }, boundaryGap: true },
      series: [
        { type: "scatter", data: d.buys.map(([day, lane, a, what]) => ({ value: [day, lane], symbolSize: size(a), itemStyle: { color: alpha(t.water, 0.62), borderColor: day === d.picked ? t.ink : t.surface, borderWidth: day === d.picked ? 1.5 : 1 }, tip: tip(what, [[word.date, day], [word.paid, yuan(a)]]) })), z: 3,
          markLine: { symbol: "none", silent: true, lineStyle: { color: t.ink, width: 1, type: "solid" }, label: { formatter: word.today, position: "start", color: t.ink, fontSize: 12, distance: 6 }, data: [{ xAxis: d.today }] } },
        { type: "scatter", data: d.next.map(([day, lane, late, what]) => ({ value: [day, lane], symbolSize: 12, itemStyle: { color: t.surface, borderColor: late ? t.clay : t["ink-3"], borderWidth: 2, borderType: late ? "solid" : [2, 2] }, tip: tip(what, [[late ? word.due : word.likely, day]]) })), z: 4 },
      ],
    };
  };

  /* bearers: what was taken off each day, by who bears it; the stats above say which colour is whose. A day opens. */
  kinds.bearers = (d, t) => {
    const shared = d.dealer.some((v) => v);
    const bar = (data, color) => ({ type: "bar", stack: "a", data, itemStyle: { color, borderRadius: 0 }, barMaxWidth: 18, barMinWidth: 2, cursor: "pointer" });
    return {
      grid: { left: 52, right: 12, top: 14, bottom: 26 },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: t.sunken } }, formatter: (p) => { const i = p[0].dataIndex;
        return tip(d.days[i], [[word.taken_off, yuan(d.brand[i] + d.dealer[i])], shared && [word.by_brand, yuan(d.brand[i])], shared && [word.by_dealer, yuan(d.dealer[i])], [word.uses, count(d.uses[i])]]); } },
      xAxis: { type: "category", data: d.days, axisLabel: { hideOverlap: true } },
      yAxis: { type: "value", min: 0, splitNumber: 3, axisLabel: { formatter: axisYuan } },
      series: [bar(d.brand, t.water), bar(d.dealer, t.plum)],
      opens: d.open,
    };
  };

  /* visits: who came in each day and how many bought, the second within the first; where nobody counted, only what guides noted */
  kinds.visits = (d, t) => {
    const bar = (data, color, more) => ({ type: "bar", data, itemStyle: { color, borderRadius: 0 }, barMaxWidth: 18, barMinWidth: 2, ...more });
    const counted = d.came.length > 0;
    return {
      grid: { left: 46, right: 12, top: 14, bottom: 26 },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: t.sunken } }, formatter: (p) => { const i = p[0].dataIndex, came = d.came[i], sold = d.orders[i];
        return tip(d.days[i] + (d.notes[i] ? " · " + d.notes[i] : ""), [counted && [word.came, came == null ? "—" : count(came)], sold != null && [word.sold, count(sold)], sold != null && came > 0 && sold <= came && [word.conversion, (sold / came * 100).toFixed(1) + "%"], [word.told, count(d.told[i])]]); } },
      xAxis: { type: "category", data: d.days, axisLabel: { hideOverlap: true } },
      yAxis: { type: "value", min: 0, splitNumber: 3, minInterval: 1 },
      series: counted ? [bar(d.came, t.w2, { barGap: "-100%", z: 2 }), bar(d.orders, t.water, { z: 3 })] : [bar(d.told, t.slate)],
    };
  };

  /* density: where people are on frequency × ticket, with the cut lines that make the groups */
  kinds.density = (d, t) => {
    const data = [];
    d.z.forEach((row, y) => row.forEach((v, x) => data.push([x, y, v])));
    const most = Math.max(1, ...data.map((cell) => cell[2]));
    return {
      grid: { left: 48, right: 10, top: 10, bottom: 44 },
      tooltip: { formatter: (p) => tip(`${d.xs[p.value[0]]} × ¥${d.ys[p.value[1]]}`, [[word.customers, count(p.value[2])]]) },
      visualMap: { show: false, type: "piecewise", dimension: 2, pieces: [{ max: 0, color: t.sunken }, ...[0.08, 0.25, 0.5, 0.75, 1].map((part, i, all) => ({ gt: i ? most * all[i - 1] : 0, lte: most * part, color: t["w" + (i + 1)] }))] },
      xAxis: { type: "category", data: d.xs, name: word.orders_a_year, nameLocation: "middle", nameGap: 28, axisLine: { show: false } },
      yAxis: { type: "category", data: d.ys, axisLine: { show: false }, axisLabel: { formatter: (v) => "¥" + v, margin: 8 } },
      series: [{ type: "heatmap", data, itemStyle: { borderColor: t.surface, borderWidth: 2, borderRadius: 3 }, emphasis: { itemStyle: { borderColor: t.ink } } }],
      cut: d.cut,
    };
  };

  const live = new Map();
  function draw(el) {
    const from = document.getElementById(el.dataset.from);
    if (!from || !kinds[el.dataset.chart]) return;
    const t = tokens();
    if (live.has(el)) live.get(el).dispose();
    const chart = echarts.init(el, theme(t), { renderer: "canvas" });
    const option = kinds[el.dataset.chart](JSON.parse(from.textContent), t, el.clientWidth);
    const cut = option.cut, opens = option.opens;
    delete option.cut;
    delete option.opens;
    chart.setOption(option);
    /* what a figure opens into, in the drawer like any other */
    if (opens) chart.on("click", (p) => { if (opens[p.dataIndex]) htmx.ajax("GET", opens[p.dataIndex], { target: "#drawer-body", swap: "innerHTML" }); });
    if (cut) drawCut(chart, cut, t);
    live.set(el, chart);
  }
  /* cut lines fall between two cells, which category axes cannot say: place them by pixel */
  function drawCut(chart, cut, t) {
    const edge = (axis, i) => { const f = { xAxisIndex: 0, yAxisIndex: 0 }; const a = chart.convertToPixel(f, axis ? [0, i - 1] : [i - 1, 0])[axis]; const b = chart.convertToPixel(f, axis ? [0, i] : [i, 0])[axis]; return (a + b) / 2; };
    if (cut.x < 1 || cut.y < 1) return;
    const x = edge(0, cut.x), y = edge(1, cut.y), w = chart.getWidth(), h = chart.getHeight(), line = { stroke: t.ink, lineWidth: 1.25, lineDash: [4, 3] };
    chart.setOption({ graphic: [{ type: "line", silent: true, z: 50, shape: { x1: x, x2: x, y1: 10, y2: h - 44 }, style: line }, { type: "line", silent: true, z: 50, shape: { x1: 48, x2: w - 10, y1: y, y2: y }, style: line }] });
  }
  function drawAll(root) {
    live.forEach((chart, el) => { if (!el.isConnected) { chart.dispose(); live.delete(el); } });
    (root || document).querySelectorAll(".hs-chart[data-chart]").forEach(draw); }

  document.addEventListener("DOMContentLoaded", () => { drawAll(); document.documentElement.dataset.ready = "1"; });
  document.addEventListener("htmx:afterSettle", (e) => drawAll(e.target));
  new MutationObserver(() => drawAll()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  let timer; addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(() => live.forEach((c, el) => (el.dataset.chart === "density" ? draw(el) : c.resize())), 120); });
  window.huoshuiCharts = { draw, drawAll, kinds, theme, yuan, count };
})();
