"""What a script can tell of a page: names, headings, contrast, what runs over its edge. Each returns complaints."""

from __future__ import annotations

from playwright.sync_api import Page

_FINDERS = """
const seen = (el) => el.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  && el.getClientRects().length > 0 && !el.closest('[aria-hidden="true"]');
const say = (el) => `<${el.tagName.toLowerCase()}${el.id ? '#' + el.id : ''}${[...el.classList].map((c) => '.' + c).join('')}> `
  + (el.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 40);
const named = (el) => {
  const by = (el.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean).map((id) => document.getElementById(id));
  if (by.length) return by.every((x) => x && x.textContent.trim());
  if ((el.getAttribute('aria-label') || '').trim()) return true;
  if (el.matches('input, select, textarea')) return [...el.labels].some((label) => label.textContent.trim());
  return Boolean(el.textContent.trim());
};
"""

_NAMES = (
    "() => {"
    + _FINDERS
    + """
  const found = [];
  if (!document.title.split('·')[0].trim()) found.push('no title');
  if (!document.documentElement.lang) found.push('no language');
  const heads = [...document.querySelectorAll('h1')].filter(seen);
  if (heads.length !== 1) found.push(`${heads.length} main headings`);
  else if (!heads[0].textContent.trim()) found.push('an empty main heading');
  if (document.querySelectorAll('main').length !== 1) found.push('not one main part');
  for (const el of document.querySelectorAll('button, a[href]')) if (seen(el) && !named(el)) found.push('no name: ' + say(el));
  for (const el of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (seen(el) && !named(el)) found.push('no label: ' + el.outerHTML.slice(0, 120));
  for (const el of document.querySelectorAll('img, [role=img]'))
    if (seen(el) && !el.getAttribute('alt') && !el.getAttribute('aria-label')) found.push('no text for a picture: ' + el.outerHTML.slice(0, 120));
  for (const el of document.querySelectorAll('table th:not([scope])')) found.push('a head without scope: ' + say(el));
  const ids = [...document.querySelectorAll('[id]')].map((el) => el.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push('an id twice: ' + id);
  for (const el of document.querySelectorAll('button, select, input:not([type=hidden])')) {
    const box = el.getBoundingClientRect();
    if (seen(el) && !el.closest('p, td, th, li, .hs-quiet, label') && box.height < 20) found.push(`only ${Math.round(box.height)} px high: ` + say(el));
  }
  return found;
}"""
)

_EDGES = (
    "() => {"
    + _FINDERS
    + """
  const found = [], wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(`the page is ${wide} wide in a window of ${innerWidth}`);
  for (const el of document.querySelectorAll('td, th')) {
    if (!seen(el)) continue;
    const style = getComputedStyle(el);
    if (el.title && el.title.trim() === el.textContent.trim()) continue;  // shortened, and whole in its title
    if (el.scrollWidth > el.clientWidth + 1) found.push(`cut by ${el.scrollWidth - el.clientWidth}: ` + say(el));
    else if (style.overflow === 'hidden' && el.scrollHeight > el.clientHeight + 1) found.push('cut below: ' + say(el));
  }
  for (const el of document.querySelectorAll('main *, header *')) {
    const style = getComputedStyle(el), is_cut = el.scrollWidth > el.clientWidth + 1;
    if (style.textOverflow === 'ellipsis' && style.overflow !== 'visible' && is_cut && seen(el) && !el.title)
      found.push('shortened, and whole nowhere: ' + say(el));
  }
  for (const panel of document.querySelectorAll('.hs-panel, dialog[open]')) {
    const right = panel.getBoundingClientRect().right;
    for (const el of panel.querySelectorAll('table, .hs-chart, p, h2, select, input, button, svg')) {
      if (seen(el) && !el.closest('.hs-scroll, .hs-quiet, [popover]') && el.getBoundingClientRect().right > right + 0.5)
        found.push(`${Math.round(el.getBoundingClientRect().right - right)} px over its panel: ` + say(el));
    }
  }
  return found;
}"""
)

# WCAG 2.2, relative luminance and contrast; text of 18.66 px bold or 24 px may have 3 : 1.
_CONTRAST = (
    "() => {"
    + _FINDERS
    + """
  const rgba = (css) => { const m = css.match(/[\\d.]+/g).map(Number), part = css.startsWith('color(srgb') ? 255 : 1;
    return [m[0] * part, m[1] * part, m[2] * part, m.length < 4 ? 1 : m[3]]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => { const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ground = (el) => { const layers = [];
    for (let at = el; at; at = at.parentElement) { const c = rgba(getComputedStyle(at).backgroundColor); if (c[3]) layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const found = new Map(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), el = walk.currentNode.parentElement;
    if (!text || !el || !seen(el) || el.closest('script, style, svg, option, [disabled], .hs-quiet, .hs-skip')) continue;
    const style = getComputedStyle(el), size = parseFloat(style.fontSize), under = ground(el);
    const a = light(over(rgba(style.color), under)), b = light(under);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 600) ? 3 : 4.5;
    if (ratio < least) found.set(`${el.className}${style.color}`, `${ratio.toFixed(2)} : 1: ` + say(el));
  }
  return [...found.values()];
}"""
)


def names(page: Page) -> list[str]:
    return list(page.evaluate(_NAMES))


def edges(page: Page) -> list[str]:
    return list(page.evaluate(_EDGES))


def contrast(page: Page) -> list[str]:
    return list(page.evaluate(_CONTRAST))
