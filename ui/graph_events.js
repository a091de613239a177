// Ties a picture to the part of the page that runs when something is done in it.
export default function ({ data, setTriggerValue }) {
  const shared = globalThis.depgraphShared ??= { pictures: {} };
  const tie = shared.pictures[data.name] ??= {};
  tie.trigger = setTriggerValue;
  tie.select = data.select;
  tie.follow?.();
}
