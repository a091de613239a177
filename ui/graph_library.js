// The drawing library, once for all pictures of the page; they wait for it.
export default function () {
  const shared = globalThis.depgraphShared ??= { pictures: {} };
  shared.vis ??= made();
  document.dispatchEvent(new Event('depgraph-library'));
}
