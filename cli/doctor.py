"""`reid-pipeline doctor`: what this machine has, what is missing, and the command that brings it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

MARKS = {"ok": "ok     ", "note": "note   ", "missing": "missing", "wrong": "wrong  "}


@click.command(short_help="Tell whether this machine is ready.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def doctor(as_json: bool) -> None:
    """Look at packages, devices, codecs, weights, disk and memory; download nothing and ask nobody.

    The exit status is 0 if `match` would run, 1 if not.
    """
    from pipeline.doctor import examine, runs

    checks = []
    for check in examine():
        checks.append(check)
        if not as_json:
            click.echo(f"{MARKS[check.state]} {check.what}: {check.said}")
            if check.cure:
                click.echo(f"        → {check.cure}")
    ready = runs(checks)
    if as_json:
        click.echo(json.dumps({"ready": ready, "checks": [asdict(check) for check in checks]}, indent=1))
    else:
        click.echo("`match` runs here." if ready else "`match` does not run here yet.")
    if not ready:
        raise click.exceptions.Exit(1)
