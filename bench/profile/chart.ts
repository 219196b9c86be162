const WIDTH = 720;
const LEFT = 230;
const ROW = 30;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A bar chart of shares as SVG text, readable on light and dark. @param bars name and share from 0 to 1 */
export function barChart(
  title: string,
  bars: readonly { readonly name: string; readonly value: number }[],
): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const lines = bars.map(({ name, value }, i) => {
    const y = 52 + i * ROW;
    const width = Math.max(1, ((WIDTH - LEFT - 70) * value) / most);
    return [
      `  <text x="${LEFT - 10}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
      `  <rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="#0072b2"/>`,
      `  <text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 15}">${(100 * value).toFixed(0)} %</text>`,
    ].join('\n');
  });
  const height = 66 + bars.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="14" fill="#222">
  <title>${escaped(title)}</title>
  <rect width="${WIDTH}" height="${height}" fill="#fff"/>
  <text x="16" y="30" font-weight="600">${escaped(title)}</text>
${lines.join('\n')}
</svg>
`;
}
