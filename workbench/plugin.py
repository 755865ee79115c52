"""Collect `*.reward.yaml` files as tests."""
