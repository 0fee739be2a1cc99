"""Boots one machine several times, as far as cloud-init's own code decides what a boot means, with the documents
on a drive as Proxmox gives them. In: a JSON list of the four texts by name, one for each boot. Out: for each
boot the instance, whether what runs once an instance would run, and the network-config that was applied."""

import json
import logging
import os
import shutil
import sys
import tempfile

from cloudinit import helpers, stages
from cloudinit.settings import PER_ALWAYS, PER_INSTANCE
from cloudinit.sources import DataSourceNoCloud

logging.disable(logging.CRITICAL)
FILES = {"user": "user-data", "network": "network-config", "meta": "meta-data", "vendor": "vendor-data"}
PATHS = helpers.Paths


def prepare(root, drive):
    """Everything that cloud-init keeps is under `root`, and its drive is a folder."""
    own = {"cloud_dir": f"{root}/cloud", "run_dir": f"{root}/run", "templates_dir": "/etc/cloud/templates"}
    config = {"system_info": {"distro": "debian", "paths": own}, "datasource_list": ["NoCloud"]}
    stages.fetch_base_config = lambda *_, **__: json.loads(json.dumps(config))
    helpers.Paths = lambda paths, source=None: PATHS(paths or own, source)
    DataSourceNoCloud.DataSourceNoCloud._get_devices = lambda self, label: [drive]
    DataSourceNoCloud.util.mount_cb = lambda device, callback, data=None, **_: callback(device, data)


def start(stage):
    init = stages.Init(ds_deps=["FILESYSTEM"] if stage == "local" else None)
    init.read_cfg()
    init.initialize()
    init.fetch(existing="check")
    return init, init.instancify()


def boot(root, drive, texts):
    # What lies in memory does not outlive a boot.
    shutil.rmtree(f"{root}/run", ignore_errors=True)
    os.makedirs(drive, exist_ok=True)
    for name, file in FILES.items():
        with open(os.path.join(drive, file), "w", encoding="utf-8", newline="") as stream:
            stream.write(texts[name])
    applied, once = [], []
    init, instance = start("local")
    init.distro.apply_network_config = lambda config, bring_up=False: applied.append(config)
    init.distro.networking.apply_network_config_names = lambda config: None
    init.distro.networking.wait_for_physdevs = lambda config: None
    init.apply_network_config(bring_up=False)
    init, instance = start("network")
    init.update()
    init.cloudify().run("consume_data", init.consume_data, args=[PER_INSTANCE], freq=PER_INSTANCE)
    init.consume_data(PER_ALWAYS)
    init.cloudify().run("once", once.append, args=[True], freq=PER_INSTANCE)
    config = start("network")[0].cfg
    return {
        "instance": instance,
        "isFirst": len(once) > 0,
        "network": applied,
        "hostname": config.get("hostname"),
    }


with tempfile.TemporaryDirectory() as root:
    prepare(root, f"{root}/drive")
    json.dump([boot(root, f"{root}/drive", texts) for texts in json.load(sys.stdin)], sys.stdout)
