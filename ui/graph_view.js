// Draws the nodes and edges it is given at the positions it is given; clicks go back to Python.
// `vis` is the vis-network bundle, put in front of this text.
export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const canvas = parentElement.querySelector(".graph-canvas");
  const host = parentElement.host || parentElement;
  const colour = (name, otherwise) =>
    getComputedStyle(host).getPropertyValue(name).trim() || otherwise;
  // Percentages do not resolve inside the shadow root.
  canvas.style.height = `${data.height - 42}px`;

  const text = colour("--st-text-color", "#222");
  const line = colour("--st-border-color", "#bbb");
  const options = {
    nodes: { font: { color: text, size: 13, strokeWidth: 3, strokeColor: colour("--st-background-color", "#fff") }, borderWidth: 2 },
    edges: {
      arrows: { to: { enabled: true, scaleFactor: 0.5 } }, smooth: false, width: 1,
      color: { color: line, highlight: colour("--st-primary-color", "#e33"), hover: text },
    },
    physics: { enabled: false },
    layout: { improvedLayout: false },
    interaction: {
      hover: true, multiselect: true, tooltipDelay: 150,
      hideEdgesOnDrag: data.nodes.length > 800,
      keyboard: { enabled: true, bindToWindow: false },
    },
  };
  // A plain string is shown as text by vis-network, never as markup.
  const nodes = data.nodes.map((node) => ({ ...node, title: node.title == null ? undefined : String(node.title) }));
  const edges = data.edges;

  let view = canvas.graphView;
  if (!view) {
    const nodeSet = new vis.DataSet(nodes);
    const edgeSet = new vis.DataSet(edges);
    const network = new vis.Network(canvas, { nodes: nodeSet, edges: edgeSet }, options);
    view = canvas.graphView = { nodeSet, edgeSet, network };
    canvas.dataset.ready = "yes";
    network.on("select", (event) => setStateValue("selected", event.nodes));
    network.on("doubleClick", (event) => {
      if (event.nodes.length) setTriggerValue("opened", event.nodes[0]);
    });
    parentElement.querySelector(".graph-fit").onclick = () => network.fit({ animation: true });
    parentElement.querySelector(".graph-png").onclick = () => {
      const source = canvas.querySelector("canvas");
      const copy = document.createElement("canvas");
      copy.width = source.width;
      copy.height = source.height;
      const pen = copy.getContext("2d");
      pen.fillStyle = colour("--st-background-color", "#fff");
      pen.fillRect(0, 0, copy.width, copy.height);
      pen.drawImage(source, 0, 0);
      const link = document.createElement("a");
      link.download = "graph.png";
      link.href = copy.toDataURL();
      link.click();
    };
    // For tests and for keyboard scripts: where a node is on the screen.
    canvas.whereIs = (id) => network.canvasToDOM(network.getPosition(id));
  } else {
    const replace = (set, fresh) => {
      const kept = new Set(fresh.map((item) => item.id));
      set.remove(set.getIds().filter((id) => !kept.has(id)));
      set.update(fresh);
    };
    replace(view.edgeSet, edges);
    replace(view.nodeSet, nodes);
    view.network.setOptions(options);
    if (data.picture !== view.picture) view.network.fit();
  }
  view.picture = data.picture;
  if (data.focus && data.focus !== view.focus && view.nodeSet.get(data.focus)) {
    view.network.selectNodes([data.focus]);
    view.network.focus(data.focus, { scale: Math.max(view.network.getScale(), 0.8), animation: false });
  }
  view.focus = data.focus;
}
