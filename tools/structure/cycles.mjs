/**
 * The groups of files that import each other, directly or over others.
 * @param {ReadonlyMap<string, readonly string[]>} graph what each file imports
 * @returns {string[][]}
 */
export function findCycles(graph) {
  const groups = [];
  const found = new Map();
  const stack = [];
  const onStack = new Set();
  for (const file of graph.keys()) if (!found.has(file)) visit(file);
  return groups;

  // Tarjan's strongly connected components.
  function visit(file) {
    const index = found.size;
    found.set(file, index);
    let lowest = index;
    stack.push(file);
    onStack.add(file);
    for (const next of graph.get(file) ?? []) {
      if (!found.has(next)) lowest = Math.min(lowest, visit(next));
      else if (onStack.has(next)) lowest = Math.min(lowest, found.get(next));
    }
    if (lowest < index) return lowest;
    const group = stack.splice(stack.indexOf(file));
    for (const one of group) onStack.delete(one);
    if (group.length > 1 || graph.get(file)?.includes(file)) groups.push(group);
    return lowest;
  }
}
