// Draws the network that Python sends; later calls change only what differs.
let vis;

const themeOf = (host) => {
  const style = getComputedStyle(host);
  const pick = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return { text: pick('--st-text-color', '#222'), ground: pick('--st-background-color', '#fff'),
    line: pick('--st-border-color', '#bbb'), accent: pick('--st-primary-color', '#f44') };
};

const FONT = 19;
const LARGEST = 0.85;
// Names of ten points can be read; windows narrower than this seldom hold a whole estate so.
const READABLE = 0.55;
const NARROW = 560;

function optionsFor(theme, { nodes: { length: size }, edges: { length: links } }, picks) {
  return {
    physics: false, layout: { improvedLayout: false }, autoResize: true,
    nodes: { borderWidthSelected: 5, chosen: { label: (values) => { values.mod = 'bold'; } },
      // The ground around letters keeps names readable where edges pass.
      font: { size: FONT, color: theme.text, face: 'sans-serif', multi: false, vadjust: -2,
        strokeWidth: 4, strokeColor: theme.ground },
      scaling: { label: { drawThreshold: size > 400 ? 8 : 6 } } },
    edges: { arrows: { to: { enabled: true, scaleFactor: 0.5 } }, width: 1, selectionWidth: 3,
      color: { color: theme.text, opacity: size > 400 ? 0.09 : links > 250 ? 0.18 : 0.28, highlight: theme.accent, hover: theme.accent, inherit: false },
      smooth: size > 300 ? false
        : { type: 'cubicBezier', forceDirection: 'horizontal', roundness: 0.4 } },
    interaction: { dragNodes: !picks, hover: size <= 400, multiselect: true, hideEdgesOnDrag: size > 800,
      hideEdgesOnZoom: size > 800, tooltipDelay: 250, keyboard: false },
  };
}

// A string title is set as text by vis-network 9; anything else could carry markup.
const asNode = (theme) => ({ title, color, ...node }) => {
  const chosen = { background: color?.background, border: theme.text };
  const beside = node.side ? { form: node.shape, shape: 'custom', ctxRenderer: nameBeside(theme, node.side, node.shape) } : {};
  return { ...node, ...beside, ...(title == null ? {} : { title: String(title) }),
    ...(color?.background ? { color: { ...color, highlight: chosen, hover: chosen } } : color ? { color } : {}) };
};

const SIDES = { square: [4, 45], diamond: [4, 0], hexagon: [6, 0] };

function outline(ctx, form, x, y, size) {
  ctx.beginPath();
  if (!SIDES[form]) return ctx.arc(x, y, size, 0, 2 * Math.PI);
  const [count, turn] = SIDES[form];
  for (let i = 0; i < count; i++) {
    const angle = turn * Math.PI / 180 + 2 * Math.PI * i / count;
    ctx.lineTo(x + 1.2 * size * Math.cos(angle), y + 1.2 * size * Math.sin(angle));
  }
  ctx.closePath();
}

// A thing whose name stands beside it, where no edge passes; the library sets names below only.
const nameBeside = (theme, side, form) => ({ ctx, x, y, state: { selected }, style, label }) => ({
  drawNode() {
    ctx.globalAlpha = style.opacity ?? 1;
    outline(ctx, form, x, y, style.size);
    ctx.fillStyle = style.color;
    ctx.fill();
    ctx.strokeStyle = style.borderColor;
    ctx.lineWidth = style.borderWidth;
    ctx.stroke();
  },
  drawExternalLabel() {
    if (FONT * ctx.getTransform().a / (window.devicePixelRatio || 1) < 6) return;
    const at = x + (side === 'left' ? -1 : 1) * (style.size + 7);
    Object.assign(ctx, { font: `${selected ? 'bold ' : ''}${FONT}px sans-serif`, textAlign: side === 'left' ? 'right' : 'left',
      textBaseline: 'middle', lineWidth: 4, lineJoin: 'round', strokeStyle: theme.ground, fillStyle: theme.text,
      globalAlpha: style.opacity ?? 1 });
    ctx.strokeText(label, at, y);
    ctx.fillText(label, at, y);
  },
  nodeDimensions: { width: 2 * style.size, height: 2 * style.size },
});

// Where things with their names begin and end.
function endsOf(held, things) {
  const ends = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  things.forEach(({ id, size = 10, label = '', side }) => {
    const { x, y } = held.net.getPosition(id);
    const lines = String(label).split('\n');
    const wide = Math.max(...lines.map((line) => line.length)) * FONT * 0.55;
    const left = side === 'left' ? wide + size + 10 : side ? size + 10 : Math.max(size, wide / 2);
    const right = side === 'right' ? wide + size + 10 : side ? size + 10 : Math.max(size, wide / 2);
    ends.left = Math.min(ends.left, x - left);
    ends.right = Math.max(ends.right, x + right);
    ends.top = Math.min(ends.top, y - size - 6);
    ends.bottom = Math.max(ends.bottom, y + size + (side ? 6 : 6 + lines.length * FONT * 1.2));
  });
  return ends;
}

// Few things are not blown up.
const scaleFor = (box, { left, top, right, bottom }) =>
  Math.min((box.clientWidth - 24) / (right - left), (box.clientHeight - 24) / (bottom - top), LARGEST);

function fitAll(held, box) {
  const ends = endsOf(held, held.nodes.get());
  if (!(ends.left < ends.right)) return;
  const position = { x: (ends.left + ends.right) / 2, y: (ends.top + ends.bottom) / 2 };
  held.net.moveTo({ position, scale: scaleFor(box, ends) });
}

// Everything; where that would be dust on a phone, what matters most, with names to read.
function showFirst(held, box) {
  const things = held.nodes.get();
  const whole = endsOf(held, things);
  if (box.clientWidth >= NARROW || !(whole.left < whole.right) || scaleFor(box, whole) >= READABLE) return fitAll(held, box);
  const ranks = [...new Set(things.map(({ matters = 0 }) => matters))].filter(Boolean).sort();
  const tried = ranks.map((least) => things.filter(({ matters = 0 }) => matters >= least));
  const shown = tried.find((some) => scaleFor(box, endsOf(held, some)) >= READABLE)
    ?? [things.reduce((most, thing) => (weightOf(thing) > weightOf(most) ? thing : most))];
  const ends = endsOf(held, shown);
  // One thing stands among as much as there is room for.
  const scale = shown.length > 1 ? scaleFor(box, ends) : READABLE;
  const inside = (from, to, least, most, room) => (most - least < room ? (least + most) / 2
    : Math.min(Math.max((from + to) / 2, least + room / 2), most - room / 2));
  const position = {
    x: inside(ends.left, ends.right, whole.left, whole.right, (box.clientWidth - 24) / scale),
    y: inside(ends.top, ends.bottom, whole.top, whole.bottom, (box.clientHeight - 24) / scale),
  };
  held.net.moveTo({ position, scale });
}

// What fills the window, now and when its size changes.
function arrange(held, box, how) {
  Object.assign(held, { moved: false, arranged: how });
  how(held, box);
}

const weightOf = ({ matters = 0, size = 10 }) => 1000 * matters + size;

const asEdge = (theme) => ({ mark, bend, ...edge }, i) => {
  if (bend) edge.smooth = { enabled: true, type: 'curvedCW', roundness: 0.25 };
  const id = `${edge.from}\u0000${edge.to}\u0000${i}`;
  if (mark === 'path') {
    return { id, ...edge, width: 2.5, color: { color: theme.accent, highlight: theme.accent, opacity: 1 } };
  }
  return mark === 'faded' ? { id, ...edge, color: { color: theme.text, opacity: 0.1 } } : { id, ...edge };
};

function refresh(set, fresh) {
  const kept = new Set(fresh.map((item) => item.id));
  set.remove(set.getIds().filter((id) => !kept.has(id)));
  const changed = fresh.filter((item) => JSON.stringify(set.get(item.id)) !== JSON.stringify(item));
  if (changed.length) set.update(changed);
}

// Our own words; still set as text.
function showLegend(parent, entries, send) {
  parent.querySelector('#legend').replaceChildren(...entries.map((entry) => {
    const button = document.createElement('button');
    const swatch = document.createElement('span');
    swatch.className = `swatch ${entry.shape}`;
    swatch.style.setProperty('--colour', entry.colour);
    button.append(swatch, `${entry.value} ${entry.count.toLocaleString('en')}`);
    button.setAttribute('aria-pressed', String(entry.on));
    button.onclick = () => send('action', { kind: 'legend', group: entry.group, value: entry.value });
    return button;
  }));
}

function openMenu(held, box, menu, node) {
  const { x, y } = held.net.canvasToDOM(held.net.getPosition(node));
  menu.style.display = 'block';
  menu.style.left = `${Math.max(4, Math.min(x, box.clientWidth - 190))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, box.clientHeight - menu.offsetHeight - 8))}px`;
  menu.dataset.node = node;
  menu.querySelector('button').focus();
}

// The nearest thing in the direction of an arrow key; sideways distance counts double.
function nextThing(net, from, [dx, dy]) {
  const places = net.getPositions();
  const here = from === undefined ? net.getViewPosition() : places[from];
  let best, least = Infinity;
  for (const [id, place] of Object.entries(places)) {
    const along = (place.x - here.x) * dx + (place.y - here.y) * dy;
    const aside = Math.abs((place.x - here.x) * dy) + Math.abs((place.y - here.y) * dx);
    if (id === from || (from !== undefined && along < 1)) continue;
    const distance = from === undefined ? Math.hypot(place.x - here.x, place.y - here.y) : along + 2 * aside;
    if (distance < least) [best, least] = [id, distance];
  }
  return best;
}

const pickOut = (held, nodes) => {
  // Python will say the same back: nothing then has to follow.
  held.wanted = JSON.stringify(nodes);
  held.send('action', { kind: 'select', nodes });
};

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function useKeys(held, box, parent, menu, zoom) {
  const act = (kind, node) => held.send('action', { kind, node });
  box.addEventListener('keydown', (event) => {
    const selected = held.net.getSelectedNodes();
    const [node] = selected;
    if (ARROWS[event.key]) {
      const next = nextThing(held.net, node, ARROWS[event.key]);
      if (next !== undefined) choose(held, box, parent, next);
    } else if (event.key === 'Enter' && node !== undefined) {
      if (held.picks) act('pick', node); else openMenu(held, box, menu, node);
    } else if ((event.key === 'Delete' || event.key === 'Backspace') && node !== undefined) act('hide', node);
    else if (event.key === 'Escape') { held.net.unselectAll(); pickOut(held, []); }
    else if (event.key === '+') zoom(1.3);
    else if (event.key === '-') zoom(1 / 1.3);
    else if (event.key === '0') arrange(held, box, fitAll);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
      act(event.shiftKey ? 'redo' : 'undo');
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener('keydown', (event) => {
    const entries = [...menu.querySelectorAll('button')];
    const at = entries.indexOf(event.target.closest('button'));
    if (event.key === 'Escape') { menu.style.display = 'none'; box.focus(); }
    else if (event.key === 'ArrowDown') entries[(at + 1) % entries.length].focus();
    else if (event.key === 'ArrowUp') entries[(at + entries.length - 1) % entries.length].focus();
    else return;
    event.preventDefault();
  });
}

function choose(held, box, parent, node) {
  held.net.selectNodes([node]);
  if (!inView(held.net, box, node)) held.net.moveTo({ position: held.net.getPosition(node) });
  parent.querySelector('#said').textContent = held.nodes.get(node).title || node;
  clearTimeout(held.later);
  if (held.picks) return;
  // Holding an arrow key must not ask the server at every step.
  held.later = setTimeout(() => pickOut(held, [node]), 180);
}

function savePicture(box, theme) {
  const drawn = box.querySelector('canvas');
  const copy = Object.assign(document.createElement('canvas'), { width: drawn.width, height: drawn.height });
  const context = copy.getContext('2d');
  context.fillStyle = theme.ground;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(drawn, 0, 0);
  const link = document.createElement('a');
  link.download = 'dependencies.png';
  link.href = copy.toDataURL('image/png');
  link.click();
}

function create(box, parent, picture, options, send) {
  const held = { nodes: new vis.DataSet(picture.nodes), edges: new vis.DataSet(picture.edges), wanted: null, send };
  const net = held.net = new vis.Network(box, { nodes: held.nodes, edges: held.edges }, options);
  const menu = parent.querySelector('#menu');
  const close = () => { menu.style.display = 'none'; };
  const zoom = (factor) => { held.moved = true; net.moveTo({ scale: net.getScale() * factor }); };
  net.on('select', () => {
    close();
    if (!held.picks) return pickOut(held, net.getSelectedNodes());
    const [node] = net.getSelectedNodes();
    // Unselected at once, so that another click on the same thing counts again.
    net.unselectAll();
    if (node !== undefined) held.send('action', { kind: 'pick', node });
  });
  net.on('doubleClick', (event) => {
    if (!held.picks && event.nodes.length) held.send('action', { kind: 'focus', node: event.nodes[0] });
  });
  net.on('oncontext', (event) => {
    event.event.preventDefault();
    const node = net.getNodeAt(event.pointer.DOM);
    if (node === undefined || held.picks) return close();
    openMenu(held, box, menu, node);
  });
  net.on('dragEnd', (event) => {
    if (event.nodes.length !== 1 || held.picks) return;
    const { x, y } = net.getPosition(event.nodes[0]);
    held.send('action', { kind: 'pin', node: event.nodes[0], x, y });
  });
  net.on('dragStart', (event) => { close(); held.moved ||= !event.nodes.length; });
  net.on('zoom', () => { close(); held.moved = true; });
  // As long as nobody chose a part of it, a window of another size is filled anew.
  net.on('resize', () => { if (!held.moved) held.arranged(held, box); });
  menu.querySelectorAll('button').forEach((button) => {
    button.onclick = () => {
      close();
      held.send('action', { kind: button.dataset.kind, node: menu.dataset.node });
    };
  });
  useKeys(held, box, parent, menu, zoom);
  parent.querySelector('#fit').onclick = () => arrange(held, box, fitAll);
  parent.querySelector('#closer').onclick = () => zoom(1.3);
  parent.querySelector('#away').onclick = () => zoom(1 / 1.3);
  parent.querySelector('#png').onclick = () => savePicture(box, held.theme);
  arrange(held, box, showFirst);
  // Keys are heard one level above: a second stop for Tab would have no name.
  box.firstElementChild.tabIndex = -1;
  net.once('afterDrawing', () => { box.dataset.drawn = String(performance.now()); });
  return held;
}

function follow(held, box, select) {
  const wanted = JSON.stringify(select);
  if (wanted === held.wanted) return;
  const first = held.wanted === null;
  held.wanted = wanted;
  const present = select.filter((id) => held.nodes.get(id));
  // What was clicked is selected already, and must not move under the pointer.
  const fresh = present.some((id) => !held.net.getSelectedNodes().includes(id));
  held.net.selectNodes(present);
  // A picture that just opened shows everything it can; names too small to read come closer.
  const unclear = fresh && (held.net.getScale() < (first ? 0.4 : 0.5) || !inView(held.net, box, present[0]));
  if (!unclear) return;
  held.moved = true;
  held.net.focus(present[0], { scale: Math.max(held.net.getScale(), 0.75) });
}

function draw(box, parent, data, tie) {
  // As high as the window allows; a height in per cent does not resolve inside the shadow root.
  box.style.height = data.picks ? `${data.height}px` : `max(${data.height}px, calc(100vh - ${data.above}px))`;
  const theme = themeOf(parent.host || parent);
  const look = JSON.stringify(theme);
  let held = box.held;
  if (!held || held.picture !== data.picture || held.look !== look) {
    const picture = JSON.parse(data.picture);
    picture.nodes = picture.nodes.map(asNode(theme));
    picture.edges = picture.edges.map(asEdge(theme));
    const options = optionsFor(theme, picture, data.picks);
    const send = (...told) => tie.trigger?.(...told);
    if (held) {
      const before = new Set(held.nodes.getIds());
      refresh(held.edges, []);
      refresh(held.nodes, picture.nodes);
      refresh(held.edges, picture.edges);
      held.net.setOptions(options);
      const stayed = picture.nodes.filter((node) => before.has(node.id)).length;
      const other = stayed < Math.max(before.size, picture.nodes.length) * 0.6;
      if (other || (!held.moved && box.clientWidth < NARROW)) arrange(held, box, showFirst);
    } else {
      held = box.held = create(box, parent, picture, options, send);
    }
    Object.assign(held, { picture: data.picture, look, theme });
    box.dataset.things = String(picture.nodes.length);
    showLegend(parent, picture.legend, send);
  }
  held.picks = data.picks;
  parent.querySelector('.hint').textContent = data.hint;
  tie.follow = () => { if (tie.select) follow(held, box, tie.select); };
  tie.follow();
}

export default function ({ data, parentElement: parent }) {
  const shared = globalThis.depgraphShared ??= { pictures: {} };
  const tie = shared.pictures[data.name] ??= {};
  const box = parent.querySelector('#net');
  const start = () => { vis = shared.vis; draw(box, parent, data, tie); };
  if (shared.vis) start();
  else document.addEventListener('depgraph-library', start, { once: true });
  tie.box = box;
  return () => {
    document.removeEventListener('depgraph-library', start);
    // The next picture of this name may stand already.
    if (tie.box === box) ['box', 'follow', 'select'].forEach((name) => delete tie[name]);
  };
}

function inView(net, box, node) {
  const { x, y } = net.canvasToDOM(net.getPosition(node));
  return x > 0 && y > 0 && x < box.clientWidth && y < box.clientHeight;
}
