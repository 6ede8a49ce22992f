"""`reid-pipeline doctor`: what this machine has, what is missing, and the command that brings it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command(short_help="Tell whether this machine is ready.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
def doctor(as_json: bool) -> None:
    """Look at packages, devices, codecs, weights, disk and memory; download nothing and ask nobody.

    The exit status is 0 if `match` would run, 1 if not.
    """
    from pipeline.doctor.check import cure, runs
    from pipeline.doctor.examine import examine

    checks = []
    for check in examine():
        checks.append(check)
        if not as_json:
            click.echo(f"{check.state:7} {check.what}: {check.said}")
            if check.cure:
                click.echo(f"        → {check.cure}")
    ready, command = runs(checks), cure(checks)
    if as_json:
        told = {"ready": ready, "cure": command, "checks": [asdict(check) for check in checks]}
        click.echo(json.dumps(told, indent=1))
    elif ready:
        click.echo("`match` runs here.")
    else:
        click.echo("`match` does not run here." + (f" What brings it:\n{command}" if command else ""))
    if not ready:
        raise click.exceptions.Exit(1)
