'use strict';
// The page of mmun report --html. Names are a program's own bytes: they only ever become text nodes.
(async () => {
  const $ = id => document.getElementById(id);
  const root = document.documentElement;
  const data = JSON.parse($('data').textContent);
  const PAGE = 4096;
  const KINDS = ['', 'mapped', 'unmapped', 'moved', 'protected', 'dropped', 'forked', 'executed'];
  const LIGHT = ['', '#15803d', '#b91c1c', '#7c3aed', '#b45309', '#0e7490', '#be185d', '#111827'];
  const DARK = ['', '#4ade80', '#f87171', '#c4b5fd', '#fbbf24', '#22d3ee', '#f472b6', '#f9fafb'];

  // The columns of numbers, one after the other, in the order in which RecordingPage.cs writes them.
  const bytes = await unpack(data.columns);
  let offset = 0;
  const take = (Type, count) => {
    const column = new Type(bytes.buffer, offset, count);
    offset += Math.ceil(column.byteLength / 8) * 8;
    return column;
  };
  const n = data.counts;
  const segment = {
    mapping: take(Uint32Array, n.segments), from: take(Float64Array, n.segments), to: take(Float64Array, n.segments),
    start: take(Float64Array, n.segments), pages: take(Float64Array, n.segments),
  };
  const event = {
    at: take(Float64Array, n.events), kind: take(Uint8Array, n.events), mapping: take(Int32Array, n.events),
    start: take(Float64Array, n.events), pages: take(Float64Array, n.events), to: take(Float64Array, n.events),
  };
  const heat = { column: take(Uint32Array, n.heatColumns + 1), row: take(Uint32Array, n.heat), value: take(Uint8Array, n.heat) };
  const columnAt = take(Float64Array, n.heatColumns + 1);
  const course = { at: take(Float64Array, n.course), resident: take(Float64Array, n.course), written: take(Float64Array, n.course) };
  const band = { start: take(Float64Array, n.bands), pages: take(Float64Array, n.bands), rows: take(Uint32Array, n.bands) };

  // Addresses are sparse: each band of them gets a height that grows with the logarithm of its size.
  const bandTop = new Float64Array(n.bands + 1);
  const rowTop = new Uint32Array(n.bands + 1);
  for (let i = 0; i < n.bands; i++) {
    bandTop[i + 1] = bandTop[i] + 8 + 5 * Math.log2(1 + band.pages[i] / 4) + 3;
    rowTop[i + 1] = rowTop[i] + band.rows[i];
  }
  const bandOfRow = new Uint32Array(rowTop[n.bands]);
  for (let i = 0; i < n.bands; i++) bandOfRow.fill(i, rowTop[i], rowTop[i + 1]);
  const height = Math.max(1, bandTop[n.bands]);
  const duration = Math.max(data.duration, 1e-3);

  const bandAt = page => {
    let low = 0, high = n.bands;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (band.start[middle] + band.pages[middle] <= page) low = middle + 1; else high = middle;
    }
    return low < n.bands && band.start[low] <= page ? low : -1;
  };
  const yInBand = (i, page) => {
    const share = Math.min(1, Math.max(0, (page - band.start[i]) / band.pages[i]));
    return bandTop[i] + share * (bandTop[i + 1] - bandTop[i] - 3);
  };
  const eventY = new Float32Array(n.events);
  for (let i = 0; i < n.events; i++) {
    const of = event.start[i] < 0 ? -1 : bandAt(event.start[i]);
    eventY[i] = of < 0 ? -1 : yInBand(of, event.start[i] + event.pages[i] / 2 < band.start[of] + band.pages[of]
      ? event.start[i] + event.pages[i] / 2 : event.start[i]);
  }

  const view = { from: 0, to: duration, top: 0, bottom: height };
  const state = { selectedEvent: -1, selectedMapping: -1, query: '', tab: 'mappings', sort: 'written', theme: null };
  const map = $('map'), overview = $('overview'), tip = $('tip');
  let colors, raster, rasterPixels, rasterContext, width = 0, tall = 0, ratio = 1, isDrawAsked = false, shown = [], matches = null;

  const number = new Intl.NumberFormat('en');
  const size = value => {
    const units = ['B', 'K', 'M', 'G', 'T', 'P'];
    let unit = 0, left = Math.abs(value);
    while (left >= 999.5 && unit < 5) { left /= 1024; unit++; }
    return left < 0.5 && unit === 0 ? '0' : (value < 0 ? '-' : '') + left.toFixed(unit < 2 || left >= 99.95 ? 0 : left >= 9.995 ? 1 : 2) + units[unit];
  };
  const seconds = value => value.toFixed(duration < 10 ? 4 : 3) + ' s';
  const hex = page => '0x' + (BigInt(Math.round(page)) * BigInt(PAGE)).toString(16);
  const last = (start, pages) => '0x' + (BigInt(Math.round(start + pages)) * BigInt(PAGE) - 1n).toString(16);
  const nameOf = i => i < 0 ? 'no mapping' : data.mappings[i].name || '(anonymous)';
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const x = t => (t - view.from) / (view.to - view.from) * width;
  const y = v => (v - view.top) / (view.bottom - view.top) * tall;
  const firstEventFrom = t => {
    let low = 0, high = n.events;
    while (low < high) { const middle = (low + high) >> 1; if (event.at[middle] < t) low = middle + 1; else high = middle; }
    return low;
  };

  function readColors() {
    const style = getComputedStyle(root);
    const of = name => style.getPropertyValue('--' + name).trim();
    const kinds = root.dataset.theme === 'dark' ? DARK : LIGHT;
    colors = { kinds, kindWords: kinds.map(word) };
    for (const name of ['panel', 'line', 'text', 'faint', 'accent', 'band', 'mapping', 'edge', 'resident', 'written', 'selected']) colors[name] = of(name);
    const ramp = root.dataset.theme === 'dark'
      ? [[54, 58, 96], [120, 62, 120], [200, 80, 80], [245, 150, 60], [255, 226, 120]]
      : [[253, 224, 180], [250, 176, 110], [240, 112, 60], [205, 52, 40], [120, 14, 40]];
    colors.heat = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      const place = i / 255 * (ramp.length - 1), at = Math.min(ramp.length - 2, Math.floor(place)), part = place - at;
      const mixed = ramp[at].map((c, k) => Math.round(c + (ramp[at + 1][k] - c) * part));
      colors.heat[i] = (255 << 24 | mixed[2] << 16 | mixed[1] << 8 | mixed[0]) >>> 0;
    }
  }

  function word(color) {
    if (!color) return 0;
    const value = parseInt(color.slice(1), 16);
    return (255 << 24 | (value & 255) << 16 | (value >> 8 & 255) << 8 | value >> 16) >>> 0;
  }

  function fit(canvas) {
    const box = canvas.getBoundingClientRect();
    ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.max(1, Math.round((box.width - 2) * ratio)), Math.max(1, Math.round((box.height - 2) * ratio))];
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { context, width: w / ratio, height: h / ratio };
  }

  function draw() {
    isDrawAsked = false;
    const began = performance.now();
    drawMap();
    drawOverview();
    if (state.tab === 'events') updateTable(false);
    window.mmunFrame = performance.now() - began;
  }
  const ask = () => { if (!isDrawAsked) { isDrawAsked = true; requestAnimationFrame(draw); } };

  function drawMap() {
    const fitted = fit(map), context = fitted.context;
    width = fitted.width; tall = fitted.height;
    context.clearRect(0, 0, width, tall);
    context.fillStyle = colors.band;
    for (let i = 0; i < n.bands; i++) {
      if (bandTop[i + 1] < view.top || bandTop[i] > view.bottom) continue;
      const top = y(bandTop[i]), bottom = y(bandTop[i + 1] - 3);
      context.fillRect(0, top, width, Math.max(0.5, bottom - top));
    }
    drawSegments(context);
    drawRaster(context);
    drawAxis(context);
    drawNames(context);
    drawSelection(context);
  }

  function drawSegments(context) {
    for (let i = 0; i < n.segments; i++) {
      if (segment.to[i] < view.from || segment.from[i] > view.to) continue;
      const of = bandAt(segment.start[i]);
      if (of < 0 || bandTop[of + 1] < view.top || bandTop[of] > view.bottom) continue;
      const left = x(segment.from[i]), right = x(segment.to[i]);
      const top = y(yInBand(of, segment.start[i])), bottom = y(yInBand(of, segment.start[i] + segment.pages[i]));
      const isMatch = matches && matches.has(segment.mapping[i]);
      const isSelected = segment.mapping[i] === state.selectedMapping;
      context.globalAlpha = matches && !isMatch ? 0.35 : 1;
      context.fillStyle = colors.mapping;
      context.fillRect(left, top, Math.max(0.6, right - left), Math.max(0.8, bottom - top));
      if (isMatch || isSelected) {
        context.fillStyle = isSelected ? colors.selected : colors.accent;
        context.globalAlpha = 0.3;
        context.fillRect(left, top, Math.max(0.6, right - left), Math.max(0.8, bottom - top));
      }
      if (bottom - top > 6) { context.globalAlpha = 0.7; context.fillStyle = colors.edge; context.fillRect(left, bottom - 0.6, Math.max(0.6, right - left), 0.6); }
    }
    context.globalAlpha = 1;
  }

  // Heat and events are drawn as pixels: a million of them in a frame.
  function drawRaster(context) {
    const [w, h] = [map.width, map.height];
    if (!raster || raster.width !== w || raster.height !== h) {
      raster = document.createElement('canvas');
      raster.width = w; raster.height = h;
      rasterContext = raster.getContext('2d');
      rasterPixels = rasterContext.createImageData(w, h);
    }
    const words = new Uint32Array(rasterPixels.data.buffer);
    words.fill(0);
    const kx = w / (view.to - view.from), ky = h / (view.bottom - view.top);
    for (let c = 0; c < n.heatColumns; c++) {
      if (columnAt[c + 1] < view.from || columnAt[c] > view.to) continue;
      const left = Math.max(0, Math.floor((columnAt[c] - view.from) * kx));
      const right = Math.min(w, Math.max(left + 1, Math.floor((columnAt[c + 1] - view.from) * kx)));
      for (let i = heat.column[c]; i < heat.column[c + 1]; i++) {
        const row = heat.row[i], of = bandOfRow[row], tallness = (bandTop[of + 1] - bandTop[of] - 3) / band.rows[of];
        const at = bandTop[of] + (row - rowTop[of]) * tallness;
        const top = Math.floor((at - view.top) * ky);
        const bottom = Math.min(h, Math.max(top + 1, Math.floor((at + tallness - view.top) * ky)));
        if (bottom < 0 || top >= h) continue;
        const color = colors.heat[heat.value[i]];
        for (let line = Math.max(0, top); line < bottom; line++) words.fill(color, line * w + left, line * w + right);
      }
    }
    const first = firstEventFrom(view.from), end = firstEventFrom(view.to + 1e-9);
    const isDense = end - first > 4000;
    if (isDense) {
      for (let i = first; i < end; i++) {
        const px = ((event.at[i] - view.from) * kx) | 0, py = ((eventY[i] - view.top) * ky) | 0;
        if (eventY[i] < 0 || px < 0 || px >= w || py < 1 || py >= h - 1) continue;
        const color = colors.kindWords[event.kind[i]], place = py * w + px;
        words[place] = words[place - w] = words[place + w] = color;
      }
    }
    rasterContext.putImageData(rasterPixels, 0, 0);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(raster, 0, 0);
    context.restore();
    if (!isDense) for (let i = first; i < end; i++) drawMark(context, i, 3.2);
  }

  function drawMark(context, i, radius) {
    const left = x(event.at[i]);
    context.fillStyle = colors.kinds[event.kind[i]];
    context.strokeStyle = colors.panel;
    context.lineWidth = 1;
    if (eventY[i] < 0) {
      context.fillRect(left - 0.5, 0, 1, tall);
      return;
    }
    const top = y(eventY[i]);
    if (top < -5 || top > tall + 5) return;
    context.beginPath();
    switch (event.kind[i]) {
      case 1: context.moveTo(left, top - radius); context.lineTo(left + radius, top + radius); context.lineTo(left - radius, top + radius); break;
      case 2: context.moveTo(left, top + radius); context.lineTo(left + radius, top - radius); context.lineTo(left - radius, top - radius); break;
      case 5: context.arc(left, top, radius * 0.85, 0, 7); break;
      default: context.moveTo(left, top - radius); context.lineTo(left + radius, top); context.lineTo(left, top + radius); context.lineTo(left - radius, top);
    }
    context.closePath();
    context.fill();
    context.stroke();
  }

  const step = span => {
    const rough = span / 8, power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
  };

  function drawAxis(context) {
    const each = step(view.to - view.from), edge = 20;
    context.font = '11px ' + getComputedStyle(root).getPropertyValue('--sans');
    context.textBaseline = 'bottom';
    context.textAlign = 'center';
    for (let t = Math.ceil(view.from / each) * each; t <= view.to; t += each) {
      context.fillStyle = colors.line;
      context.globalAlpha = 0.8;
      context.fillRect(x(t), 0, 1, tall);
      context.globalAlpha = 1;
      if (x(t) > edge && x(t) < width - edge) label(context, +t.toFixed(6) + ' s', x(t), tall - 3, 'center');
    }
  }

  function label(context, text, left, bottom, align) {
    context.textAlign = align;
    context.lineWidth = 3;
    context.strokeStyle = colors.panel;
    context.globalAlpha = 0.9;
    context.strokeText(text, left, bottom);
    context.globalAlpha = 1;
    context.fillStyle = colors.text;
    context.fillText(text, left, bottom);
  }

  function drawNames(context) {
    context.textBaseline = 'alphabetic';
    let lowest = -1;
    for (let i = 0; i < n.bands; i++) {
      const top = y(bandTop[i]), bottom = y(bandTop[i + 1] - 3);
      if (bottom < 0 || top > tall) continue;
      const at = Math.max(top, 0) + 12;
      if (bottom - top < 13 || at < lowest + 13) continue;
      label(context, data.bandNames[i] + '  ' + size(band.pages[i] * PAGE), 6, at, 'left');
      lowest = at;
    }
  }

  function drawSelection(context) {
    const i = state.selectedEvent;
    if (i < 0) return;
    const left = x(event.at[i]), top = eventY[i] < 0 ? tall / 2 : y(eventY[i]);
    drawMark(context, i, 5);
    context.strokeStyle = colors.selected;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(left, top, 9, 0, 7);
    context.stroke();
  }

  function drawOverview() {
    const { context, width: w, height: h } = fit(overview);
    context.clearRect(0, 0, w, h);
    const line = (values, color, isFilled) => {
      let most = 0;
      for (const value of values) most = Math.max(most, value);
      if (most === 0) return;
      context.beginPath();
      context.moveTo(0, h);
      const stride = Math.max(1, Math.floor(values.length / (w * 2)));
      for (let i = 0; i < values.length; i += stride) {
        let value = 0;
        for (let j = i; j < Math.min(values.length, i + stride); j++) value = Math.max(value, values[j]);
        context.lineTo(course.at[i] / duration * w, h - 2 - value / most * (h - 20));
      }
      context.lineTo(w, h - 2 - values[values.length - 1] / most * (h - 20));
      context.lineTo(w, h);
      context.globalAlpha = isFilled ? 0.22 : 1;
      if (isFilled) { context.fillStyle = color; context.fill(); }
      context.globalAlpha = 1;
      context.strokeStyle = color;
      context.lineWidth = 1.3;
      context.stroke();
    };
    line(course.resident, colors.resident, true);
    line(course.written, colors.written, false);
    context.fillStyle = colors.accent;
    context.globalAlpha = 0.13;
    const left = view.from / duration * w, right = view.to / duration * w;
    if (right - left < w - 1) {
      context.fillRect(left, 0, Math.max(2, right - left), h);
      context.globalAlpha = 0.9;
      context.fillRect(left, 0, 1.5, h);
      context.fillRect(right - 1.5, 0, 1.5, h);
    }
    context.globalAlpha = 1;
    context.font = '11px ' + getComputedStyle(root).getPropertyValue('--sans');
    context.textBaseline = 'alphabetic';
    const max = values => { let most = 0; for (const value of values) most = Math.max(most, value); return most; };
    label(context, 'in memory, at most ' + size(max(course.resident) * PAGE), 6, 13, 'left');
    label(context, 'written between looks, at most ' + size(max(course.written) * PAGE), w - 6, 13, 'right');
  }

  // The view.
  function setView(from, to, top, bottom) {
    const least = Math.max(duration / 1e6, 1e-6);
    const span = Math.min(duration, Math.max(least, to - from)), tallness = Math.min(height, Math.max(height / 5000, bottom - top));
    view.from = Math.min(Math.max(0, from), duration - span);
    view.to = view.from + span;
    view.top = Math.min(Math.max(0, top), height - tallness);
    view.bottom = view.top + tallness;
    ask();
  }
  const zoomTime = (factor, at) => setView(at - (at - view.from) * factor, at + (view.to - at) * factor, view.top, view.bottom);
  const zoomSpace = (factor, at) => setView(view.from, view.to, at - (at - view.top) * factor, at + (view.bottom - at) * factor);
  const showAll = () => setView(0, duration, 0, height);
  function showMapping(i) {
    let [top, bottom] = [height, 0];
    for (let s = 0; s < n.segments; s++) {
      const of = segment.mapping[s] === i ? bandAt(segment.start[s]) : -1;
      if (of < 0) continue;
      top = Math.min(top, yInBand(of, segment.start[s]));
      bottom = Math.max(bottom, yInBand(of, segment.start[s] + segment.pages[s]));
    }
    if (bottom <= top) return;
    const margin = Math.max((bottom - top) * 0.6, height * 0.02);
    setView(view.from, view.to, top - margin, bottom + margin);
  }

  // What is under the pointer.
  const place = pointer => {
    const box = map.getBoundingClientRect();
    return { left: pointer.clientX - box.left - 1, top: pointer.clientY - box.top - 1 };
  };
  function eventNear(left, top) {
    const reach = 7, per = (view.to - view.from) / width;
    const first = firstEventFrom(view.from + (left - reach) * per), end = firstEventFrom(view.from + (left + reach) * per);
    let nearest = -1, best = reach * reach;
    for (let i = first; i < end; i++) {
      const dx = x(event.at[i]) - left, dy = eventY[i] < 0 ? 0 : y(eventY[i]) - top, distance = dx * dx + dy * dy;
      if (distance <= best) { best = distance; nearest = i; }
    }
    return nearest;
  }
  function segmentAt(left, top) {
    const t = view.from + left / width * (view.to - view.from), v = view.top + top / tall * (view.bottom - view.top);
    for (let i = n.segments - 1; i >= 0; i--) {
      if (t < segment.from[i] || t > segment.to[i]) continue;
      const of = bandAt(segment.start[i]);
      if (of >= 0 && v >= yInBand(of, segment.start[i]) && v <= yInBand(of, segment.start[i] + segment.pages[i])) return i;
    }
    return -1;
  }
  const eventText = i => [
    KINDS[event.kind[i]] + ' at ' + seconds(event.at[i]),
    event.start[i] < 0 ? '' : hex(event.start[i]) + '-' + last(event.start[i], event.pages[i]) + '  ' + size(event.pages[i] * PAGE),
    event.start[i] < 0 ? '' : nameOf(event.mapping[i]),
  ].filter(Boolean).join('\n');

  // Details.
  function describe(title, rows) {
    const list = element('dl');
    for (const [term, value] of rows) list.append(element('dt', term), element('dd', value));
    $('details').replaceChildren(element('h2', title), list);
  }
  function selectEvent(i) {
    state.selectedEvent = i;
    if (i >= 0) {
      state.selectedMapping = event.mapping[i];
      const rows = [['time', seconds(event.at[i])]];
      if (event.start[i] >= 0) {
        rows.push(['addresses', hex(event.start[i]) + '-' + last(event.start[i], event.pages[i])], ['size', size(event.pages[i] * PAGE)]);
        if (event.kind[i] === 3) rows.push(['moved to', hex(event.to[i])]);
        rows.push(['mapping', nameOf(event.mapping[i])]);
      }
      describe('Event ' + number.format(i + 1) + ': ' + KINDS[event.kind[i]], rows);
      $('details').dataset.event = i;
    }
    updateTable(true);
    ask();
  }
  function selectMapping(i) {
    state.selectedMapping = i;
    state.selectedEvent = -1;
    const of = data.mappings[i];
    const rows = [['addresses', of.start + '-' + of.last], ['permits', of.permissions],
      ['in memory', size(of.resident) + ' of ' + size(of.size) + (of.gone ? '; it is gone' : '')],
      ['written', size(of.written) + ' in ' + number.format(of.looksWritten) + ' looks'], ['events', number.format(of.events)]];
    if (of.growth) rows.push(['growth', of.growth]);
    if (of.notSeen) rows.push(['not seen', of.notSeen]);
    describe(nameOf(i), rows);
    delete $('details').dataset.event;
    updateTable(true);
    ask();
  }

  // The table: only the rows that are seen are elements.
  const rowHeight = 24;
  const sorts = { name: (a, b) => nameOf(a) < nameOf(b) ? -1 : 1 };
  for (const key of ['size', 'resident', 'written', 'events']) sorts[key] = (a, b) => data.mappings[b][key] - data.mappings[a][key];
  let scroll, sizer, key = '';
  function buildTable() {
    const isMappings = state.tab === 'mappings';
    const table = $('table');
    table.className = 'card ' + state.tab;
    const head = element('div', undefined, 'head');
    const columns = isMappings ? [['name', 'Mapping'], ['size', 'Size'], ['resident', 'Memory'], ['written', 'Written'], ['events', 'Events']]
      : [['', 'Time'], ['', 'What'], ['', 'Address'], ['', 'Size'], ['', 'Mapping']];
    for (const [sort, name] of columns) {
      const cell = element('span', name, ['size', 'resident', 'written', 'events'].includes(sort) ? 'number' : '');
      if (isMappings && sort === state.sort) cell.setAttribute('aria-sort', 'descending');
      if (isMappings) cell.addEventListener('click', () => { state.sort = sort; key = ''; buildTable(); });
      head.append(cell);
    }
    scroll = element('div', undefined, 'scroll');
    sizer = element('div');
    scroll.append(sizer);
    scroll.addEventListener('scroll', drawRows);
    table.replaceChildren(head, scroll);
    for (const tab of ['mappings', 'events']) $('tab-' + tab).setAttribute('aria-selected', String(tab === state.tab));
    updateTable(true);
  }
  function updateTable(isForced) {
    if (state.tab === 'mappings') {
      shown = data.mappings.map((_, i) => i).filter(i => !matches || matches.has(i)).sort(sorts[state.sort]);
      $('count').value = number.format(shown.length) + ' of ' + number.format(data.mappings.length);
    } else {
      const first = firstEventFrom(view.from), end = firstEventFrom(view.to + 1e-9);
      const now = first + ':' + end + ':' + state.query;
      if (now !== key || isForced) {
        key = now;
        shown = { first, length: end - first };
        if (matches) {
          const list = [];
          for (let i = first; i < end; i++) if (matches.has(event.mapping[i]) || isEventMatch(i)) list.push(i);
          shown = list;
        }
      } else if (!isForced) {
        return;
      }
      $('count').value = number.format(shown.length) + ' in view';
    }
    sizer.style.height = Math.min(shown.length * rowHeight, 8e6) + 'px';
    drawRows();
  }
  const shownAt = at => Array.isArray(shown) ? shown[at] : shown.first + at;
  function drawRows() {
    // A browser has no element of more than some million pixels: beyond that the place of the bar is a share of the rows.
    const share = shown.length * rowHeight > 8e6 ? scroll.scrollTop / Math.max(1, 8e6 - scroll.clientHeight) : -1;
    const most = Math.ceil(scroll.clientHeight / rowHeight) + 1;
    const first = share < 0 ? Math.floor(scroll.scrollTop / rowHeight) : Math.floor(share * Math.max(0, shown.length - most + 1));
    const rows = [];
    for (let at = first; at < Math.min(shown.length, first + most); at++) {
      const row = state.tab === 'mappings' ? mappingRow(shownAt(at)) : eventRow(shownAt(at));
      row.style.top = (share < 0 ? at * rowHeight : scroll.scrollTop + (at - first) * rowHeight) + 'px';
      rows.push(row);
    }
    scroll.replaceChildren(sizer, ...rows);
  }
  const nameCell = i => { const cell = element('span', undefined, 'name'); cell.append(element('bdi', nameOf(i))); cell.title = nameOf(i); return cell; };
  function mappingRow(i) {
    const of = data.mappings[i], row = element('div', undefined, 'row');
    row.append(nameCell(i), element('span', size(of.size), 'number'), element('span', size(of.resident), 'number'),
      element('span', size(of.written), 'number'), element('span', number.format(of.events), 'number'));
    row.setAttribute('aria-selected', String(i === state.selectedMapping));
    row.addEventListener('click', () => { selectMapping(i); showMapping(i); });
    return row;
  }
  function eventRow(i) {
    const row = element('div', undefined, 'row');
    row.append(element('span', seconds(event.at[i]), 'mono'), element('span', KINDS[event.kind[i]]),
      element('span', event.start[i] < 0 ? '' : hex(event.start[i]), 'mono'),
      element('span', event.start[i] < 0 ? '' : size(event.pages[i] * PAGE), 'number'), nameCell(event.start[i] < 0 ? -1 : event.mapping[i]));
    row.children[1].style.color = colors.kinds[event.kind[i]];
    row.setAttribute('aria-selected', String(i === state.selectedEvent));
    row.addEventListener('click', () => selectEvent(i));
    return row;
  }

  // The search: a name, or an address in hexadecimal.
  let wantedPage = null;
  const isEventMatch = i => wantedPage !== null && event.start[i] <= wantedPage && wantedPage < event.start[i] + event.pages[i];
  function search(text) {
    state.query = text.trim();
    matches = null;
    wantedPage = null;
    if (state.query) {
      const wanted = state.query.toLowerCase();
      const isAddress = /^(0x)?[0-9a-f]{4,16}$/.test(wanted);
      wantedPage = isAddress ? Number(BigInt('0x' + wanted.replace(/^0x/, '')) / BigInt(PAGE)) : null;
      matches = new Set();
      data.mappings.forEach((_, i) => { if (nameOf(i).toLowerCase().includes(wanted)) matches.add(i); });
      if (isAddress) {
        for (let i = 0; i < n.segments; i++) {
          if (segment.start[i] <= wantedPage && wantedPage < segment.start[i] + segment.pages[i]) matches.add(segment.mapping[i]);
        }
      }
    }
    key = '';
    updateTable(true);
    ask();
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    readColors();
    drawLegend();
    ask();
    if (scroll) drawRows();
  }
  function drawLegend() {
    const items = KINDS.slice(1).map((name, i) => {
      const item = element('span', undefined), mark = element('i');
      mark.style.background = colors.kinds[i + 1];
      item.append(mark, name);
      return item;
    });
    const ramp = element('span'), bar = element('i');
    bar.style.width = '54px';
    const css = at => { const c = colors.heat[at]; return 'rgb(' + (c & 255) + ' ' + (c >> 8 & 255) + ' ' + (c >> 16 & 255) + ')'; };
    bar.style.background = 'linear-gradient(90deg, ' + [0, 64, 128, 192, 255].map(css).join(', ') + ')';
    ramp.append(bar, 'pages written');
    $('legend').replaceChildren(...items, ramp, element('span', 'wheel: zoom · shift+wheel: addresses · drag: move · click: select', 'help'));
  }

  // The pointer and the keys.
  let drag = null;
  map.addEventListener('wheel', wheel => {
    wheel.preventDefault();
    const at = place(wheel), factor = Math.exp((wheel.deltaY || wheel.deltaX) * 0.0016);
    if (wheel.shiftKey || wheel.ctrlKey) zoomSpace(factor, view.top + at.top / tall * (view.bottom - view.top));
    else zoomTime(factor, view.from + at.left / width * (view.to - view.from));
  }, { passive: false });
  map.addEventListener('pointerdown', pointer => {
    drag = { at: place(pointer), view: { ...view }, isMoved: false };
    map.setPointerCapture(pointer.pointerId);
  });
  map.addEventListener('pointermove', pointer => {
    const at = place(pointer);
    if (!drag) { showTip(pointer, at); return; }
    const dx = at.left - drag.at.left, dy = at.top - drag.at.top;
    drag.isMoved ||= Math.hypot(dx, dy) > 4;
    if (!drag.isMoved) return;
    const t = dx / width * (drag.view.to - drag.view.from), v = dy / tall * (drag.view.bottom - drag.view.top);
    setView(drag.view.from - t, drag.view.to - t, drag.view.top - v, drag.view.bottom - v);
  });
  map.addEventListener('pointerup', pointer => {
    const wasMoved = drag?.isMoved, at = place(pointer);
    drag = null;
    if (wasMoved) return;
    const near = eventNear(at.left, at.top), under = near < 0 ? segmentAt(at.left, at.top) : -1;
    if (near >= 0) selectEvent(near);
    else if (under >= 0) selectMapping(segment.mapping[under]);
  });
  map.addEventListener('pointerleave', () => { tip.hidden = true; });
  map.addEventListener('dblclick', showAll);
  function showTip(pointer, at) {
    const near = eventNear(at.left, at.top), under = near < 0 ? segmentAt(at.left, at.top) : -1;
    tip.hidden = near < 0 && under < 0;
    if (tip.hidden) return;
    tip.textContent = near >= 0 ? eventText(near)
      : nameOf(segment.mapping[under]) + '\n' + hex(segment.start[under]) + '-' + last(segment.start[under], segment.pages[under])
        + '  ' + size(segment.pages[under] * PAGE);
    tip.style.left = Math.min(pointer.clientX + 14, innerWidth - 430) + 'px';
    tip.style.top = Math.min(pointer.clientY + 14, innerHeight - 80) + 'px';
  }
  const overviewTime = pointer => (pointer.clientX - overview.getBoundingClientRect().left) / overview.clientWidth * duration;
  overview.addEventListener('pointerdown', pointer => {
    overview.setPointerCapture(pointer.pointerId);
    drag = { from: overviewTime(pointer), isOverview: true };
  });
  overview.addEventListener('pointermove', pointer => {
    if (!drag?.isOverview) return;
    const to = overviewTime(pointer);
    setView(Math.min(drag.from, to), Math.max(drag.from, to), view.top, view.bottom);
  });
  overview.addEventListener('pointerup', pointer => {
    const at = overviewTime(pointer), span = view.to - view.from;
    if (drag?.isOverview && Math.abs(at - drag.from) < duration / 400) setView(at - span / 2, at + span / 2, view.top, view.bottom);
    drag = null;
  });
  document.addEventListener('keydown', pressed => {
    if (pressed.target === $('search')) { if (pressed.key === 'Escape') { $('search').value = ''; search(''); $('search').blur(); } return; }
    const [t, v] = [(view.to - view.from) / 8, (view.bottom - view.top) / 8], middle = (view.from + view.to) / 2;
    const actions = {
      ArrowLeft: () => setView(view.from - t, view.to - t, view.top, view.bottom),
      ArrowRight: () => setView(view.from + t, view.to + t, view.top, view.bottom),
      ArrowUp: () => setView(view.from, view.to, view.top - v, view.bottom - v),
      ArrowDown: () => setView(view.from, view.to, view.top + v, view.bottom + v),
      '+': () => zoomTime(0.7, middle), '=': () => zoomTime(0.7, middle), '-': () => zoomTime(1.4, middle), 0: showAll, '/': () => $('search').focus(),
    };
    if (!actions[pressed.key] || pressed.ctrlKey || pressed.metaKey) return;
    pressed.preventDefault();
    actions[pressed.key]();
  });
  $('search').addEventListener('input', () => search($('search').value));
  $('search').addEventListener('keydown', pressed => { if (pressed.key === 'Enter' && matches?.size) { const [first] = matches; selectMapping(first); showMapping(first); } });
  $('reset').addEventListener('click', showAll);
  $('theme').addEventListener('click', () => setTheme(root.dataset.theme === 'dark' ? 'light' : 'dark'));
  for (const tab of ['mappings', 'events']) $('tab-' + tab).addEventListener('click', () => { state.tab = tab; key = ''; buildTable(); });
  addEventListener('resize', () => { ask(); drawRows(); });

  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => setTheme(dark.matches ? 'dark' : 'light'));
  $('title').append(data.command || 'a process', element('small', 'process ' + data.pid + ', ' + data.began));
  document.title = 'mmun report: ' + (data.command || 'process ' + data.pid);
  for (const [value, name] of [[number.format(data.looks), 'looks'], [data.duration.toFixed(1) + ' s', ''], [number.format(n.events), 'events'],
    [size(data.resident), 'in memory'], [data.cost, 'of its time']]) {
    const figure = element('span');
    figure.append(element('b', value), name ? ' ' + name : '');
    $('figures').append(figure);
  }
  if (data.notice) { $('notice').textContent = data.notice; $('notice').hidden = false; }
  describe('Nothing is selected', [['events', 'click a mark'], ['mappings', 'click a band or a row'], ['search', 'a name, or an address such as 0x7f12…']]);
  setTheme(dark.matches ? 'dark' : 'light');
  buildTable();
  // For tests: where a mark is, and what a view shows.
  window.mmun = {
    counts: n, view, setView,
    markOf: i => { const box = map.getBoundingClientRect(); return { x: box.left + 1 + x(event.at[i]), y: box.top + 1 + y(eventY[i]) }; },
    event: i => ({ at: event.at[i], kind: KINDS[event.kind[i]], start: event.start[i] < 0 ? '' : hex(event.start[i]) }),
    draw: () => { draw(); return window.mmunFrame; },
  };
  draw();
  root.dataset.ready = 'true';

  async function unpack(text) {
    const packed = Uint8Array.from(atob(text), character => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
})().catch(problem => {
  document.body.textContent = 'This page cannot be shown: ' + problem.message + '. It needs a browser of 2023 or later.';
});
