#!/usr/bin/env bash
# What a reader sees when everything runs: welcome.sh GATEWAY SANDBOX
echo "Interline runs at $1"
