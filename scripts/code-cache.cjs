// Writes dist/phoenix.cache: what V8 compiled of the bundle while it validated a folder. See bin/phoenix.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const bundle = join(dirname(__dirname), 'dist', 'phoenix.cjs');
const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'utf8')}\n})`;
const script = new Script(source, { filename: bundle });

const folder = mkdtempSync(join(tmpdir(), 'phoenix-build-'));
const guest = {
  name: 'web',
  template: 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst',
  storage_pool: 'local',
  storage_size_gb: 10,
  memory_mb: 512,
  cores: 1,
  unprivileged: true,
  network_config: { name: 'eth0', bridge: 'vmbr0', ip: '10.0.0.10/24', gw: '10.0.0.1' },
};
writeFileSync(join(folder, 'phoenix_hypervisor_config.json'), '{}');
writeFileSync(join(folder, 'phoenix_lxc_configs.json'), JSON.stringify({ lxc_configs: { 101: guest } }));

process.argv = [process.execPath, bundle, 'validate', '--config', folder];
process.stdout.write = () => true;
process.on('exit', () => {
  rmSync(folder, { recursive: true });
  writeFileSync(join(dirname(bundle), 'phoenix.cache'), script.createCachedData());
});
const own = { exports: {} };
script.runInThisContext()(own.exports, require, own, bundle, dirname(bundle));
