"""Runs as OpenTelemetry knows them: the only door to its SDK, which is an optional extra."""
