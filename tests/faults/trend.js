// Whether a series of measurements is flat: the slope of the line of least squares after a warm-up.

/** @typedef {{ at: number, value: number }} Point at: milliseconds */

/**
 * The line of least squares through points.
 *
 * @param {Point[]} points at least two, at different times
 * @returns {{ perMinute: number, mean: number, growth: number }} growth: of the line, over the time of the points
 */
export function lineThrough(points) {
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, each) => sum + each, 0) / list.length;
  const middle = mean(points.map(({ at }) => at));
  const level = mean(points.map(({ value }) => value));
  let above = 0;
  let below = 0;
  for (const { at, value } of points) {
    above += (at - middle) * (value - level);
    below += (at - middle) ** 2;
  }
  const slope = below === 0 ? 0 : above / below;
  const times = points.map(({ at }) => at);
  const span = Math.max(...times) - Math.min(...times);
  return { perMinute: slope * 60_000, mean: level, growth: slope * span };
}

/**
 * @param {Point[]} points
 * @param {{ share: number, least: number }} tolerance growth over the whole time that still counts as flat: a share
 *   of the mean, or this much, whichever is more
 */
export function judgeFlat(points, { share, least }) {
  const line = lineThrough(points);
  const allowed = Math.max(share * line.mean, least);
  return { ...line, allowed, flat: line.growth <= allowed };
}
