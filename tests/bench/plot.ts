/** A plot of a few lines as SVG, legible on light and dark pages. */

/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** What a plot says besides its lines. */
export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 16;
const TOP = 40;
const BOTTOM = 48;
const TICKS = 4;

/** Draws the lines from the origin on. */
export function plot(series: readonly Series[], { title, xLabel, yLabel }: PlotOptions): string {
  const all = series.flatMap(({ points }) => points);
  const [maxX, maxY] = [
    roundUp(Math.max(...all.map(({ x }) => x))),
    roundUp(Math.max(...all.map(({ y }) => y))),
  ];
  const x = (value: number) => LEFT + value / maxX * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - value / maxY * (HEIGHT - TOP - BOTTOM);
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS);
  const parts = [
    `<text x="${LEFT}" y="22" font-weight="bold">${title}</text>`,
    ...ticks.map((share) =>
      `<path d="M${LEFT} ${y(share * maxY)}H${WIDTH - RIGHT}" stroke="#8884"/>` +
      `<text x="${LEFT - 8}" y="${y(share * maxY) + 4}" text-anchor="end">${share * maxY}</text>` +
      `<text x="${x(share * maxX)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${share * maxX}</text>`
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    ...series.map(({ name, color, points }) => {
      const last = points.at(-1)!;
      const path = points.map((point) => `${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("L");
      const dots = points.map((p) => `<circle cx="${x(p.x).toFixed(1)}" cy="${y(p.y).toFixed(1)}" r="2.5"/>`);
      return `<g fill="${color}"><path d="M${path}" fill="none" stroke="${color}" stroke-width="2"/>${
        dots.join("")
      }` +
        `<text x="${x(last.x)}" y="${y(last.y) - 10}" text-anchor="end">${name}</text></g>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="#888">\n${parts.join("\n")}\n</svg>\n`;
}

/** The next number that four ticks divide into round ones. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 8, 10].map((factor) => factor * unit).find((round) => round >= value)!;
}
