#!/bin/bash
jq -r .vllm_model "$PHOENIX_INPUTS"
