"""Turns the last whole screen of mmun top or mmun mirror, as sent to a terminal, into a page: ansi2html.py < SCREEN > PAGE"""
import html
import re
import sys

text = sys.stdin.buffer.read().decode("utf-8", "replace")
# mmun top marks each screen; mmun mirror goes up to its first line and draws again.
frames = re.findall(r"\x1b\[\?2026h(.*?)\x1b\[\?2026l", text, re.S) or re.findall(r"\x1b\[\d\d?A(.*?)\r\x1b\[", text, re.S)
frame = frames[-1]
PLAIN, GROUND = "#d7dde6", "#12171f"


def span(style, piece):
    color, ground, bold, inverted = style
    if inverted:
        color, ground = ground or GROUND, color or PLAIN
    css = (f"color:{color};" if color else "") + (f"background:{ground};" if ground else "") + ("font-weight:700;" if bold else "")
    return f'<span style="{css}">{html.escape(piece)}</span>' if css else html.escape(piece)


def colour(parameters):
    kind = parameters.pop(0)
    if kind == 2:
        return "#%02x%02x%02x" % tuple(parameters.pop(0) for _ in range(3))
    index = parameters.pop(0)
    if index >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (index - 232),) * 3)
    levels = [0, 95, 135, 175, 215, 255]
    index -= 16
    return "#%02x%02x%02x" % (levels[index // 36], levels[index // 6 % 6], levels[index % 6])


lines = {}
style, line = (None, None, False, False), 1
for part in re.split(r"(\x1b\[[0-9;]*[A-Za-z])", frame):
    control = re.fullmatch(r"\x1b\[([0-9;]*)([A-Za-z])", part)
    if control is None:
        for number, piece in enumerate(part.split("\r\n")):
            line += number > 0
            lines[line] = lines.get(line, "") + (span(style, piece) if piece else "")
    elif control[2] == "H":
        line = int(control[1].split(";")[0])
    elif control[2] == "m":
        parameters = [int(each or 0) for each in control[1].split(";")]
        while parameters:
            code = parameters.pop(0)
            color, ground, bold, inverted = style
            if code == 0:
                style = (None, None, False, False)
            elif code == 1:
                style = (color, ground, True, inverted)
            elif code == 7:
                style = (color, ground, bold, True)
            elif code == 38:
                style = (colour(parameters), ground, bold, inverted)
            elif code == 48:
                style = (color, colour(parameters), bold, inverted)

print(f"""<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 14px; background: {GROUND}; color: {PLAIN}; }}
pre {{ margin: 0; font: 13px/17px "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
</style><pre>""" + "\n".join(lines.get(i, "") for i in range(1, max(lines) + 1)) + "</pre>")
