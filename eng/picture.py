#!/usr/bin/env python3
"""Runs command lines and draws what they print as a terminal: eng/picture.py OUT.svg 'mmun churn --bare --duration 5' ...

The picture of the README is made by: eng/picture.py docs/images/churn.svg 'mmun churn --bare --duration 5' 'mmun churn --duration 5'
MMUN says which mmun; without it, the one that was built last (Release, then Debug).
"""
import html
import os
import shlex
import subprocess
import sys
import textwrap

COLUMNS, CHARACTER, LINE, MARGIN = 100, 8.0, 20, 18
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def mmun():
    if "MMUN" in os.environ:
        return shlex.split(os.environ["MMUN"])
    for configuration in ("Release", "Debug"):
        path = os.path.join(ROOT, "src/MmuNotifier.Tool/bin", configuration, "net10.0/mmun.dll")
        if os.path.exists(path):
            return ["dotnet", path]
    sys.exit("build src/MmuNotifier.Tool first")


def run(command):
    """What the command printed, and how it ended."""
    words = shlex.split(command)
    program = mmun() + words[1:] if words[0] == "mmun" else words
    result = subprocess.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False)
    return result.stdout.splitlines(), result.returncode


def lines_of(command):
    """Pairs of a class and a text: the prompt, the output, the exit code."""
    output, code = run(command)
    yield "prompt", "$ " + command
    for line in output:
        for part in textwrap.wrap(line, COLUMNS, subsequent_indent="    ") or [""]:
            yield "bad" if code else "good", part
    yield "note", f"exit code {code}"


def draw(blocks):
    lines = [line for i, block in enumerate(blocks) for line in ([("", "")] if i else []) + block]
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    texts = "\n".join(
        f'  <text class="{kind}" x="{MARGIN}" y="{MARGIN + i * LINE + 14}">{html.escape(text)}</text>'
        for i, (kind, text) in enumerate(lines) if text)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height}" viewBox="0 0 {width:g} {height}">
  <style>
    text {{ font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; fill: #d0d7de }}
    .prompt {{ fill: #ffffff; font-weight: bold }} .bad {{ fill: #ff938a }} .good {{ fill: #7ee787 }} .note {{ fill: #8b949e }}
  </style>
  <rect width="100%" height="100%" rx="8" fill="#161b22"/>
{texts}
</svg>
"""


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    picture = draw([list(lines_of(command)) for command in sys.argv[2:]])
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(picture)
