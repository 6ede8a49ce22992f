"""`reid-pipeline doctor`: check whether this machine can run `match`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("doctor", short_help="Check whether this machine can run `match`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def doctor_command(as_json: bool) -> None:
    """Check packages, devices, codecs, weights, disk and memory.

    Nothing is downloaded, and no request is sent. The exit status is 0 if `match` runs, 1 if not.
    """
    from pipeline.doctor.all_checks import check_machine
    from pipeline.doctor.check import can_match, repair_command

    checks = []
    for check in check_machine():
        checks.append(check)
        if not as_json:
            click.echo(f"{check.state:7} {check.what}: {check.said}")
            if check.cure:
                click.echo(f"        → {check.cure}")
    ready, command = can_match(checks), repair_command(checks)
    if as_json:
        report = {"ready": ready, "cure": command, "checks": [asdict(check) for check in checks]}
        click.echo(json.dumps(report, indent=1))
    elif ready:
        click.echo("`match` runs here.")
    elif command:
        click.echo(f"`match` does not run here. To repair it, run:\n{command}")
    else:
        click.echo("`match` does not run here.")
    if not ready:
        raise click.exceptions.Exit(1)
