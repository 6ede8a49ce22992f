"""In which order does `match --help` show its many options?"""

from __future__ import annotations

import click

BEGINS = {
    "--out": "What most runs need",
    "--config": "How it runs",
    "--detections": "Finding and following",
    "--weights": "Telling apart",
    "--threshold": "Linking",
    "--help": "How it runs",
}
"""Titles, by the option that begins a section; those declared after it belong to it."""


class Sectioned(click.Command):
    """A command whose options are shown under titles."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        title = "Options"
        for param in self.get_params(ctx):
            title = next((BEGINS[option] for option in param.opts if option in BEGINS), title)
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)
