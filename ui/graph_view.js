// Draws the network that Python sends; later calls change only what differs.
const pick = (host, name, otherwise) =>
  getComputedStyle(host).getPropertyValue(name).trim() || otherwise;

function optionsFor(host, size) {
  const text = pick(host, '--st-text-color', '#222');
  return {
    physics: false, layout: { improvedLayout: false }, autoResize: true,
    nodes: { shape: 'box', margin: { top: 5, bottom: 5, left: 8, right: 8 }, borderWidth: 1.5,
      borderWidthSelected: 4, font: { size: 14, color: text, face: 'sans-serif', multi: false },
      shapeProperties: { borderRadius: 5 } },
    edges: { arrows: { to: { enabled: true, scaleFactor: 0.5 } }, width: 1, selectionWidth: 2,
      color: { color: pick(host, '--st-border-color', '#bbb'), opacity: 0.9,
        highlight: pick(host, '--st-primary-color', '#f44'), inherit: false },
      smooth: size > 400 ? false
        : { type: 'cubicBezier', forceDirection: 'horizontal', roundness: 0.45 } },
    interaction: { hover: true, multiselect: true, hideEdgesOnDrag: size > 800,
      hideEdgesOnZoom: size > 800, tooltipDelay: 250,
      keyboard: { enabled: true, bindToWindow: false } },
  };
}

// A string title is set as text by vis-network 9; anything else could carry markup.
const asText = (node) => {
  const { title, ...rest } = node;
  return title == null ? rest : { ...rest, title: String(title) };
};

function refresh(set, fresh) {
  const kept = new Set(fresh.map((item) => item.id));
  set.remove(set.getIds().filter((id) => !kept.has(id)));
  const changed = fresh.filter((item) => JSON.stringify(set.get(item.id)) !== JSON.stringify(item));
  if (changed.length) set.update(changed);
}

function create(box, parent, nodes, edges, options, send) {
  const held = { nodes: new vis.DataSet(nodes), edges: new vis.DataSet(edges), wanted: '[]', send };
  const net = new vis.Network(box, { nodes: held.nodes, edges: held.edges }, options);
  held.net = net;
  const menu = parent.querySelector('#menu');
  const close = () => { menu.style.display = 'none'; };
  net.on('select', () => { close(); held.send.state('selection', net.getSelectedNodes()); });
  net.on('doubleClick', (event) => {
    if (event.nodes.length) held.send.trigger('action', { kind: 'focus', node: event.nodes[0] });
  });
  net.on('oncontext', (event) => {
    event.event.preventDefault();
    const node = net.getNodeAt(event.pointer.DOM);
    if (node === undefined) return close();
    const { x, y } = event.pointer.DOM;
    menu.style.display = 'block';
    menu.style.left = `${Math.min(x, box.clientWidth - 180)}px`;
    menu.style.top = `${Math.min(y, box.clientHeight - 170)}px`;
    menu.dataset.node = node;
    menu.querySelector('button').focus();
  });
  net.on('dragStart', close);
  net.on('zoom', close);
  menu.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  menu.querySelectorAll('button').forEach((button) => {
    button.onclick = () => {
      close();
      held.send.trigger('action', { kind: button.dataset.kind, node: menu.dataset.node });
    };
  });
  const zoom = (factor) => net.moveTo({ scale: net.getScale() * factor });
  box.addEventListener('keydown', (event) => { if (event.key === '0') net.fit(); });
  parent.querySelector('#fit').onclick = () => net.fit();
  parent.querySelector('#closer').onclick = () => zoom(1.3);
  parent.querySelector('#away').onclick = () => zoom(1 / 1.3);
  parent.querySelector('#png').onclick = () => {
    const link = document.createElement('a');
    link.download = 'dependencies.png';
    link.href = box.querySelector('canvas').toDataURL('image/png');
    link.click();
  };
  net.once('afterDrawing', () => { box.dataset.drawn = String(performance.now()); });
  return held;
}

export default function ({ data, parentElement: parent, setStateValue, setTriggerValue }) {
  const box = parent.querySelector('#net');
  // A height in per cent does not resolve inside the shadow root.
  box.style.height = `${data.height}px`;
  const nodes = data.nodes.map(asText);
  const edges = data.edges.map((edge, i) => ({ id: `${edge.from}\u0000${edge.to}\u0000${i}`, ...edge }));
  const options = optionsFor(parent.host || parent, nodes.length);
  const send = { state: setStateValue, trigger: setTriggerValue };
  let held = box.held;
  if (held) {
    held.send = send;
    const before = held.nodes.length;
    refresh(held.edges, []);
    refresh(held.nodes, nodes);
    refresh(held.edges, edges);
    held.net.setOptions(options);
    if (Math.abs(before - nodes.length) > before / 3) held.net.fit();
  } else {
    held = box.held = create(box, parent, nodes, edges, options, send);
  }
  const wanted = JSON.stringify(data.select);
  if (wanted !== held.wanted) {
    held.wanted = wanted;
    const present = data.select.filter((id) => held.nodes.get(id));
    // What was clicked is selected already, and must not move under the pointer.
    const fresh = present.some((id) => !held.net.getSelectedNodes().includes(id));
    held.net.selectNodes(present);
    const unclear = fresh && (held.net.getScale() < 0.6 || !inView(held.net, box, present[0]));
    if (unclear) held.net.focus(present[0], { scale: Math.max(held.net.getScale(), 0.8) });
  }
}

function inView(net, box, node) {
  const { x, y } = net.canvasToDOM(net.getPosition(node));
  return x > 0 && y > 0 && x < box.clientWidth && y < box.clientHeight;
}
