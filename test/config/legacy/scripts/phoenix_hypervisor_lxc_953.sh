#!/bin/bash
set -e
# It no longer sources phoenix_hypervisor_common_utils.sh.
echo nginx
