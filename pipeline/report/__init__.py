"""One self-contained HTML file that shows a finished run to people."""
