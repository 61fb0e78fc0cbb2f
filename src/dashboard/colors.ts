/** The style sheet's colours where a canvas needs them: it cannot read `light-dark()`. */

const resolved = new Map<string, string>();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => resolved.clear());

/** The colour of a custom property, such as `--user`, as it is now. */
export function colorOf(property: string): string {
  const known = resolved.get(property);
  if (known !== undefined) return known;
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  resolved.set(property, color);
  return color;
}
