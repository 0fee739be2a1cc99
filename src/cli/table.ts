/** Rows under a heading in columns as wide as their widest cell; columns without any text are left out. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = heading.map((_, column) => rows.some((row) => (row[column] ?? '') !== ''));
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = [heading, ...rows].map((row) =>
    row
      .map((cell, column) => (used[column] === true ? cell.padEnd(widths[column] ?? 0) : undefined))
      .filter((cell) => cell !== undefined)
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
