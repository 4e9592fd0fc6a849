#!/usr/bin/env bash
# Writes deploy/kubernetes/rules.yaml, which holds the rules of deploy/prometheus/rules for the Prometheus Operator.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"

{
    echo "# Written by scripts/deploy-rules.sh from deploy/prometheus/rules: change those."
    for rules in deploy/prometheus/rules/*.yaml; do
        cat <<END
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: interline-$(basename "$rules" .yaml)
spec:
END
        sed '/^#/d; s/^\(.\)/  \1/' "$rules"
    done
} >deploy/kubernetes/rules.yaml
