import { mountAbove } from '../normalise/cloud-init-files.ts';
import { userEntries } from '../normalise/cloud-init-users.ts';
import { withoutTrailingSlash } from '../normalise/trailing-slash.ts';
import type { RawVm } from '../raw-guest.ts';
import type { Report } from './check-vm.ts';

/** What is contradictory in what a VM's first boot is told. */
export function checkVmGuestSide(guest: RawVm, report: Report): void {
  checkDns(guest, report);
  checkUsers(guest, report);
  checkPaths(guest, report);
}

function checkDns({ config }: RawVm, report: Report): void {
  const { nameservers, search_domain, network_config: net = {} } = config;
  const within = (key: keyof typeof net) => ({ value: net[key], path: ['network_config', key] });
  for (const spellings of [
    [{ value: nameservers, path: ['nameservers'] }, within('nameservers'), within('nameserver')],
    [{ value: search_domain, path: ['search_domain'] }, within('search_domain'), within('searchdomain')],
  ]) {
    const [kept, further] = spellings.filter(({ value }) => value !== undefined);
    if (!kept || !further) continue;
    const text = {
      summary: `${further.path.join('.')} and ${kept.path.join('.')} are both set`,
      remedy: `Keep ${kept.path.join('.')}.`,
    };
    report('conflicting-values', further.path, text, true);
  }
}

function checkUsers(guest: RawVm, report: Report): void {
  const { user_config: first } = guest.config;
  const isNameless = first?.username === undefined && Object.values(first ?? {}).some(Boolean);
  if (isNameless) {
    const text = { summary: 'user_config has no effect without a username', remedy: 'Add "username".' };
    report('no-effect', ['user_config'], text, true);
  }
  const seen = new Set<string>();
  for (const { user, path } of userEntries(guest)) {
    if (seen.has(user.name)) {
      report('conflicting-values', [...path, 'name'], {
        summary: 'Two users of a VM have the same name',
        detail: `Both are called ${user.name}.`,
      });
    }
    seen.add(user.name);
    if (user.password === undefined || user.password_hash === undefined) continue;
    const text = { summary: 'A user has a password and a hash of one', remedy: 'Remove one of the two.' };
    report('conflicting-values', [...path, 'password'], text, true);
  }
}

function checkPaths(guest: RawVm, report: Report): void {
  const { volumes = [], cloud_init } = guest.config;
  const files = (cloud_init?.files ?? []).map(({ path }, index) => ({
    path,
    place: ['cloud_init', 'files', index, 'path'],
  }));
  const mounts = volumes.map(({ mount_point }, index) => ({
    path: withoutTrailingSlash(mount_point),
    place: ['volumes', index, 'mount_point'],
  }));
  const seen = new Set<string>();
  for (const { path, place } of [...mounts, ...files]) {
    if (seen.has(path)) {
      report('duplicate-path', place, {
        summary: 'Two files or mounts of a VM have the same path',
        detail: `${path} is used before already.`,
      });
    }
    seen.add(path);
  }
  for (const { path, place } of files) {
    const mount = mountAbove(guest, path);
    if (mount === undefined || mount === path) continue;
    report('no-effect', place, {
      summary: 'A file of a VM is covered by a mount',
      detail: `It is written before ${mount} is mounted over it.`,
      remedy: 'Choose a path outside the mount, or put the file onto the server.',
    });
  }
}
