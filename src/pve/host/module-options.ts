/** The value of a module's option in a file of /etc/modprobe.d; the last one counts. */
export function moduleOption(text: string, module: string, option: string): string | undefined {
  let found: string | undefined;
  for (const line of text.split('\n')) {
    const [word, name, ...options] = line.trim().split(/\s+/);
    if (word !== 'options' || name !== module) continue;
    for (const one of options) if (one.startsWith(`${option}=`)) found = one.slice(option.length + 1);
  }
  return found;
}

/** The text with an option of a module set, once, everything else as it was. */
export function withModuleOption(
  text: string,
  module: string,
  [option, value]: readonly [string, string],
): string {
  let isSet = false;
  const lines = text.split('\n').flatMap((line) => {
    const [word, name, ...options] = line.trim().split(/\s+/);
    if (word !== 'options' || name !== module) return [line];
    if (!options.some((one) => one.startsWith(`${option}=`))) return [line];
    const others = options.filter((one) => !one.startsWith(`${option}=`));
    const own = isSet ? [] : [`${option}=${value}`];
    isSet = true;
    return others.length + own.length === 0 ? [] : [['options', module, ...others, ...own].join(' ')];
  });
  if (isSet) return lines.join('\n');
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}options ${module} ${option}=${value}\n`;
}
