/**
 * The mount points that a sandbox must see through overlays, in the order they are mounted, from the
 * text of `/proc/self/mountinfo`: `/` and all that hold files. What the sandbox makes itself
 * (`/proc`, `/sys`, `/dev`, `/run`) and mounts of a kernel's own filesystems are left out.
 */
export function overlaidMountpoints(mountinfo: string): string[] {
  const found = new Set<string>(['/']);
  for (const line of mountinfo.split('\n')) {
    const match = /^\S+ \S+ \S+ \S+ (\S+) .*? - (\S+) /.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || KERNEL_FILESYSTEMS.has(match[2])) continue;
    // mountinfo writes blanks and backslashes as octal escapes.
    const path = match[1].replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    if (!OWN.some((own) => path === own || path.startsWith(`${own}/`))) found.add(path);
  }
  return [...found];
}

const OWN = ['/proc', '/sys', '/dev', '/run', '/var/run'];

const KERNEL_FILESYSTEMS = new Set([
  'autofs', 'binfmt_misc', 'bpf', 'cgroup', 'cgroup2', 'configfs', 'debugfs', 'devpts', 'devtmpfs',
  'efivarfs', 'fusectl', 'hugetlbfs', 'mqueue', 'nsfs', 'proc', 'pstore', 'rpc_pipefs', 'securityfs',
  'sysfs', 'tracefs',
]); // prettier-ignore
