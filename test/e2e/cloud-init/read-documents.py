"""Reads documents with cloud-init's own code. In: a JSON list of the four texts by name. Out: a JSON list of
what it makes of each: problems of its schema, the parsed documents, whether the network-config is applied at
an ordinary boot, and the interfaces that its own reader of network-config finds."""

import json
import logging
import os
import sys
import tempfile

from cloudinit import safeyaml, stages
from cloudinit.config import schema
from cloudinit.event import EventScope, EventType
from cloudinit.net import eni, netplan, network_state
from cloudinit.sources.DataSourceNoCloud import DataSourceNoCloud
from cloudinit.util import mergemanydict

logging.disable(logging.CRITICAL)
FULL = schema.get_schema()


def problems_of(text):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        try:
            schema.validate_cloudconfig_file(file.name, FULL)
        except (schema.SchemaValidationError, RuntimeError) as error:
            return str(error)
    return None


def is_applied_at_boot(config):
    source = DataSourceNoCloud.__new__(DataSourceNoCloud)
    return stages.update_event_enabled(source, config, EventType.BOOT, EventScope.NETWORK)


def interfaces_of(config):
    state = network_state.parse_net_config_data(config)
    with tempfile.TemporaryDirectory() as root:
        eni.Renderer({"eni_path": "interfaces", "netrules_path": "rules"}).render_network_state(state, target=root)
        netplan.Renderer({"netplan_path": "netplan.yaml", "postcmds": False}).render_network_state(state, target=root)
        with open(os.path.join(root, "interfaces"), encoding="utf-8") as file:
            interfaces = file.read()
        with open(os.path.join(root, "netplan.yaml"), encoding="utf-8") as file:
            plan = safeyaml.load(file.read())
    found = [
        {
            "name": one["name"],
            "mac": one.get("mac_address"),
            "subnets": [
                {
                    "type": subnet["type"],
                    "address": f'{subnet["address"]}/{subnet["prefix"]}' if "address" in subnet else None,
                    "routes": [
                        {"network": route["network"], "prefix": route["prefix"], "gateway": route["gateway"]}
                        for route in subnet.get("routes", [])
                    ],
                    "dns": subnet.get("dns_nameservers", []),
                    "search": subnet.get("dns_search", []),
                }
                for subnet in one["subnets"]
            ],
        }
        for one in state.iter_interfaces()
        if one["type"] == "physical"
    ]
    return {"interfaces": found, "eni": interfaces, "netplan": plan}


def read(texts):
    user, vendor = safeyaml.load(texts["user"]), safeyaml.load(texts["vendor"])
    network = safeyaml.load(texts["network"])
    return {
        "problems": [one for one in map(problems_of, (texts["user"], texts["vendor"])) if one],
        "parsed": {"user": user, "vendor": vendor, "network": network, "meta": safeyaml.load(texts["meta"])},
        "isAppliedAtBoot": is_applied_at_boot(mergemanydict([user, vendor])),
        "isAppliedWithoutUpdates": is_applied_at_boot({}),
        "network": interfaces_of(network),
    }


json.dump([read(texts) for texts in json.load(sys.stdin)], sys.stdout)
