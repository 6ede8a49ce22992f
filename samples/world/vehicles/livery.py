"""Paint of a vehicle: its four sheets, drawn in metres from the lines of its body."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.world.shapes import Array
from samples.world.vehicles.body import SWATCHES, Body
from samples.world.vehicles.canvas import HOLE, Canvas, darker, invented_letters
from samples.world.vehicles.looks import Colour, VehicleLook

WIDE, HIGH = 512, 128
"""Width and height of a sheet in pixels."""
BLACK: Colour = (14, 14, 16)
MUD: Colour = (124, 108, 88)
ARCH = 1.14  # radius of a wheel arch, in wheel radii
FRONT_LAMP: Colour = (226, 232, 238)
REAR_LAMP: Colour = (176, 16, 20)
AMBER: Colour = (224, 132, 30)


def sheets(look: VehicleLook, lines: Body) -> NDArray[np.uint8]:
    """Return the (4, 128, 512, 4) RGBA sheets: left, right, above, and the squares of `body.ENDS`."""
    sides = [paint_side(look, lines, reading) for reading in (1, -1)]
    ends = [paint_front(look, lines), paint_rear(look, lines), paint_wheel(look), swatches(look)]
    return np.stack([*sides, paint_top(look, lines), np.concatenate(ends, axis=1)])


def paint_side(look: VehicleLook, lines: Body, reading: int) -> NDArray[np.uint8]:
    """Return the sheet of a side.

    Letters read towards the rear on the left side (`reading` 1) and towards the front on the right side (-1).
    """
    high = lines.height + 0.02
    sheet = Canvas.blank(WIDE, HIGH, lines.total_length, high, look.paint)
    if lines.cargo:
        sheet.rectangle(0, 0, lines.length + 0.05, high, look.trim)
    paint_relief(sheet, lines)
    paint_stripes(sheet, look, lines)
    paint_lettering(sheet, look, lines, reading)
    paint_windows(sheet, look, lines)
    paint_doors_and_lamps(sheet, look, lines)
    paint_dirt(sheet, look, salt=reading + 2)
    for axle in lines.axles:
        angle = np.linspace(0, np.pi, 17)
        radius = lines.wheel * ARCH
        arch = np.stack([axle + radius * np.cos(angle), high - lines.wheel - radius * np.sin(angle)], axis=1)
        bottom = [(axle - radius, high + 0.1), (axle + radius, high + 0.1)]
        sheet.line(arch, darker(look.trim, 0.3), 5)
        sheet.polygon([*arch, *bottom], HOLE)
    return sheet.to_sheet()


def paint_relief(sheet: Canvas, lines: Body) -> None:
    """Shade details that the mesh is too coarse for: a crease along the doors, and darkness towards the sill."""
    z = sheet.height * (1 - (np.arange(sheet.pixels.shape[0])[:, None] + 0.5) / sheet.pixels.shape[0])
    crease = lines.floor + 0.72 * (lines.belt[0] - lines.floor)
    sheet.shade(0.16 * np.exp(-(((z - crease + 0.035) / 0.03) ** 2)), BLACK)
    sheet.shade(0.14 * np.exp(-(((z - crease - 0.03) / 0.03) ** 2)), (255, 255, 255))
    sheet.shade(np.clip((lines.floor + 0.4 - z) / 0.4, 0, 1) * 0.4, BLACK)


def window_outline(lines: Body, span: tuple[float, float]) -> Array:
    """Return the (n, 2) t and z of a side window's outline; empty where the roof is too low for a window."""
    start, end = span
    t = np.linspace(start, end, 25)
    upper = np.minimum(lines.roof(t) - 0.1, lines.height - 0.1)
    lower = lines.waist(t) + 0.02
    has_room = upper > lower + 0.02
    t, upper, lower = t[has_room], upper[has_room], lower[has_room]
    return np.concatenate([np.stack([t, upper], 1), np.stack([t, lower], 1)[::-1]])


def paint_windows(sheet: Canvas, look: VehicleLook, lines: Body) -> None:
    """Paint the side windows in a black frame; they get lighter towards the top, where they mirror the sky."""
    frame = window_outline(lines, (lines.windows[0][0] - 0.03, lines.windows[-1][1] + 0.03))
    if len(frame):
        sheet.polygon(flipped(sheet, frame), BLACK)
    for span in lines.windows:
        outline = window_outline(lines, span)
        if not len(outline):
            continue
        top, bottom = outline[:, 1].max(), outline[:, 1].min()
        for share in np.linspace(0, 1, 7)[:-1]:
            lower_part = np.column_stack(
                [outline[:, 0], np.minimum(outline[:, 1], top - share * (top - bottom))]
            )
            sheet.polygon(flipped(sheet, lower_part), glass_colour(look, 1 - share))


def glass_colour(look: VehicleLook, sky: float) -> Colour:
    """Return the colour of glass that mirrors a share of the sky."""
    level = (1 - 0.6 * look.tint) * (34 + 66 * sky)
    return int(level * 0.92), int(level), int(level * 1.06)


def flipped(sheet: Canvas, outline: Array) -> Array:
    """Return an (n, 2) outline with its heights above the ground converted to metres from the top of the sheet."""
    return np.column_stack([outline[:, 0], sheet.height - outline[:, 1]])


def paint_stripes(sheet: Canvas, look: VehicleLook, lines: Body) -> None:
    """Paint the stripes of a side."""
    high, long = sheet.height, lines.total_length
    middle = high - (lines.cargo[2] + 0.5 if lines.cargo else (lines.floor + lines.belt[0]) / 2 + 0.1)
    thickness = 0.055 * high
    if look.stripes == "waist":
        sheet.rectangle(0, middle - thickness, long, middle, look.accent)
        sheet.rectangle(0, middle + 0.5 * thickness, long, middle + 0.8 * thickness, look.accent)
    if look.stripes == "sill":
        sheet.rectangle(0, high - lines.floor - 0.22 * (lines.belt[0]), long, high, look.accent)
    if look.stripes == "block":
        sheet.rectangle(0.62 * long, 0, long, high, look.accent)
    if look.stripes == "slash":
        sheet.polygon(
            ((0.42 * long, high), (0.52 * long, high), (0.72 * long, 0), (0.62 * long, 0)), look.accent
        )


def paint_lettering(sheet: Canvas, look: VehicleLook, lines: Body, reading: int) -> None:
    """Paint the word on a side, if the look has one, readable in the direction `reading` as for `paint_side`."""
    if look.lettering == 0:
        return
    t0, t1, bottom, top = lettering_area(look, lines)
    word = invented_letters(look.lettering, 4 + look.lettering % 5)
    cell = min((t1 - t0) / word.shape[1], (top - bottom) / 7)
    start = (t0 + t1 - cell * word.shape[1]) / 2
    if contrast(look.accent, look.paint) > 60:
        ink = look.accent
    else:
        ink = darker(look.paint, -0.85 if sum(look.paint) < 380 else 0.85)
    for row, column in np.argwhere(word if reading > 0 else word[:, ::-1]):
        x, y = start + column * cell, sheet.height - top + row * cell
        sheet.rectangle(x, y, x + cell, y + cell, ink)


def lettering_area(look: VehicleLook, lines: Body) -> tuple[float, float, float, float]:
    """Return the area of a side for the word: first and last t, lowest and highest z."""
    long, belt, floor = lines.total_length, lines.belt[0], lines.floor
    if lines.cargo:
        return lines.cargo[0] + 0.4, lines.cargo[1] - 0.4, lines.cargo[2] + 0.8, lines.cargo[3] - 0.3
    if look.style == "van":
        return 0.46 * long, 0.95 * long, belt + 0.05, lines.height - 0.25
    if look.style == "bus":
        return 0.3 * long, 0.72 * long, floor + 0.2, belt - 0.1
    return lines.doors[0] + 0.1, lines.doors[-1] - 0.1, floor + 0.18, belt - 0.2


def contrast(first: Colour, second: Colour) -> float:
    """Return the root mean square difference of two colours."""
    return float(np.sqrt(np.mean((np.asarray(first, float) - second) ** 2)))


def paint_doors_and_lamps(sheet: Canvas, look: VehicleLook, lines: Body) -> None:
    """Paint the doors, their handles, the sill, the bumpers and the lamps of a side."""
    high, dark = sheet.height, darker(look.paint, 0.55)
    sill = lines.floor + 0.1
    for door in lines.doors:
        belt = float(lines.waist(np.array([door]))[0])
        sheet.line(((door, high - belt), (door, high - sill - 0.04)), dark)
    sheet.line(((lines.doors[0], high - sill - 0.04), (lines.doors[-1], high - sill - 0.04)), dark)
    for door in lines.doors[1:]:
        belt = float(lines.waist(np.array([door]))[0])
        sheet.rectangle(
            door - 0.24, high - belt + 0.09, door - 0.08, high - belt + 0.125, darker(look.trim, -0.1)
        )
    sheet.rectangle(0, high - sill, lines.total_length, high, look.trim)
    nose, tail = lines.contour[0][1], lines.contour[-1][1]
    sheet.rectangle(0, high - sill - 0.14, 0.12, high, look.trim)
    sheet.rectangle(0.0, high - nose - 0.03, 0.24, high - nose + 0.11, FRONT_LAMP)
    sheet.rectangle(0.24, high - nose - 0.03, 0.29, high - nose + 0.09, AMBER)
    if not lines.cargo:
        sheet.rectangle(lines.length - 0.14, high - sill - 0.14, lines.length, high, look.trim)
        sheet.rectangle(lines.length - 0.2, high - tail - 0.06, lines.length, high - tail + 0.12, REAR_LAMP)


def paint_top(look: VehicleLook, lines: Body) -> NDArray[np.uint8]:
    """Return the sheet from above: bonnet, windscreen, roof and rear window; the vehicle's left is at the bottom."""
    sheet = Canvas.blank(WIDE, HIGH, lines.total_length, lines.width, look.paint)
    middle = lines.width / 2
    if lines.cargo:
        sheet.rectangle(0, 0, lines.length + 0.05, lines.width, look.trim)
    if look.stripes == "racing":
        for x in (-0.22, 0.22):
            sheet.rectangle(0, middle + x - 0.1, lines.total_length, middle + x + 0.1, look.accent)
    if look.stripes == "block":
        sheet.rectangle(0.62 * lines.total_length, 0, lines.total_length, lines.width, look.accent)
    for span in (lines.windscreen, lines.rear_glass):
        if span[1] - span[0] > 0.02:
            outline = window_outline_above(lines, span)
            sky_shares = np.linspace(0, 1, 6) if span == lines.windscreen else np.linspace(1, 0, 6)
            for share, sky in zip(np.linspace(0, 1, 7)[:-1], sky_shares, strict=True):
                t = np.maximum(outline[:, 0], span[0] + share * (span[1] - span[0]))
                colour = glass_colour(look, 0.2 + 0.8 * float(sky))
                sheet.polygon(np.column_stack([t, outline[:, 1]]), colour)
            sheet.line(outline[[*range(len(outline)), 0]], BLACK, 2)
    if look.style == "pickup":
        sheet.rectangle(
            lines.rear_glass[1] + 0.12, 0.14, lines.length - 0.1, lines.width - 0.14, (30, 30, 32)
        )
    cowl = lines.windscreen[0]
    sheet.line(((0.25, 0.2), (cowl - 0.08, 0.12)), darker(look.paint, 0.4))
    sheet.line(((0.25, lines.width - 0.2), (cowl - 0.08, lines.width - 0.12)), darker(look.paint, 0.4))
    sheet.rectangle(cowl - 0.07, 0.14, cowl + 0.03, lines.width - 0.14, BLACK)
    paint_dirt(sheet, look, salt=0)
    return sheet.to_sheet()


def window_outline_above(lines: Body, span: tuple[float, float]) -> Array:
    """Return the (n, 2) outline of the windscreen or the rear window seen from above: t, and metres down the sheet."""
    t = np.linspace(span[0] + 0.02, span[1] - 0.02, 9)
    x = lines.roof_half_width(t) - 0.05
    middle = lines.width / 2
    return np.concatenate([np.stack([t, middle - x], 1), np.stack([t, middle + x], 1)[::-1]])


def paint_end_window(sheet: Canvas, look: VehicleLook, lines: Body, span: tuple[float, float]) -> None:
    """Paint the windscreen or the rear window as seen from ahead or behind."""
    t = np.linspace(span[0], span[1], 9)
    x, z = lines.roof_half_width(t) - 0.06, lines.roof(t)
    kept = (z < lines.height - 0.08) & (z > lines.belt[0] - 0.12)
    if span[1] - span[0] > 0.02 and kept.sum() > 1:
        x, z, middle = x[kept], sheet.height - z[kept], lines.width / 2
        outline = np.concatenate([np.stack([middle - x, z], 1), np.stack([middle + x, z], 1)[::-1]])
        for share in np.linspace(0, 1, 6):
            # lighter towards the lower edge, where steep glass mirrors the street
            lower = np.maximum(outline[:, 1], z.min() + share * np.ptp(z))
            sheet.polygon(np.column_stack([outline[:, 0], lower]), glass_colour(look, 0.2 + 0.8 * share))
        sheet.line(outline[[*range(len(outline)), 0]], BLACK, 2)


def paint_front(look: VehicleLook, lines: Body) -> NDArray[np.uint8]:
    """Return the square of the front: windscreen, grille, lamps, bumper and number plate."""
    wide, high, nose = lines.width, lines.height + 0.02, lines.contour[0][1]
    sheet = Canvas.blank(HIGH, HIGH, wide, high, look.trim if lines.cargo else look.paint)
    paint_end_window(sheet, look, lines, lines.windscreen)
    low, top = lines.floor + 0.24 * (nose - lines.floor), nose - 0.02
    sheet.rectangle(0, high - lines.floor - 0.14, wide, high, look.trim)
    sheet.rectangle(0, high - low - 0.13, wide, high - low - 0.11, darker(look.paint, 0.45))
    paint_grille(sheet, look, (0.27 * wide, high - top, 0.73 * wide, high - low - 0.15))
    sheet.rectangle(0.2 * wide, high - low + 0.02, 0.8 * wide, high, BLACK)
    for x0, x1 in ((0.1, 0.27), (0.9, 0.73)):
        outer, inner, lamp_height = x0 * wide, x1 * wide, 0.07 + 0.03 * lines.height
        sheet.polygon(
            [
                (outer, high - nose - 0.06),
                (inner, high - nose),
                (inner, high - nose + lamp_height),
                (outer, high - nose + lamp_height),
            ],
            BLACK,
        )
        middle, eye = (0.55 * outer + 0.45 * inner), high - nose + 0.35 * lamp_height
        sheet.disc(middle, eye, 0.42 * lamp_height + 0.01, FRONT_LAMP)
        sheet.disc(0.75 * middle + 0.25 * inner, eye, 0.3 * lamp_height, darker(FRONT_LAMP, 0.2))
        indicator = outer * 0.8 + inner * 0.2
        sheet.rectangle(min(outer, indicator), eye - 0.03, max(outer, indicator), eye + 0.03, AMBER)
        sheet.disc(middle, high - low + 0.06, 0.05, FRONT_LAMP)
    paint_plate(sheet, look, wide / 2, high - low - 0.07)
    if look.style == "bus":
        sheet.rectangle(0.2 * wide, 0.1, 0.8 * wide, 0.4, BLACK)
        paint_word(sheet, look.plate // 7 + 1, (0.25 * wide, 0.14, 0.75 * wide, 0.36), AMBER, 6)
    paint_dirt(sheet, look, salt=4)
    return sheet.to_sheet()


def paint_grille(sheet: Canvas, look: VehicleLook, box: tuple[float, float, float, float]) -> None:
    """Paint the grille into a box (x0, y0, x1, y1) in metres."""
    x0, y0, x1, y1 = box
    metal: Colour = (170, 172, 176)
    if look.face == "slim":
        y1 = y0 + 0.4 * (y1 - y0)
    sheet.rectangle(x0, y0, x1, y1, BLACK)
    if look.face == "bars":
        for y in np.linspace(y0, y1, 5):
            sheet.line(((x0, y), (x1, y)), metal)
    if look.face == "mesh":
        sheet.line(((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)), metal, 3)
    if look.face == "split":
        sheet.rectangle((x0 + x1) / 2 - 0.03, y0, (x0 + x1) / 2 + 0.03, y1, look.paint)
    sheet.disc((x0 + x1) / 2, y0 + 0.06, 0.05, metal)


def paint_plate(sheet: Canvas, look: VehicleLook, x: float, y: float) -> None:
    """Paint a number plate with letters of no alphabet, its middle at (x, y)."""
    sheet.rectangle(x - 0.26, y - 0.055, x + 0.26, y + 0.055, (232, 232, 226))
    paint_word(sheet, look.plate, (x - 0.22, y - 0.035, x + 0.22, y + 0.035), (40, 40, 44), 7)


def paint_word(
    sheet: Canvas, seed: int, box: tuple[float, float, float, float], colour: Colour, letters: int
) -> None:
    """Paint letters of no alphabet into a box (x0, y0, x1, y1) in metres."""
    x0, y0, x1, y1 = box
    word = invented_letters(seed, letters)
    cell_width, cell_height = (x1 - x0) / word.shape[1], (y1 - y0) / 7
    for row, column in np.argwhere(word):
        sheet.rectangle(
            x0 + column * cell_width,
            y0 + row * cell_height,
            x0 + (column + 1) * cell_width,
            y0 + (row + 1) * cell_height,
            colour,
        )


def paint_rear(look: VehicleLook, lines: Body) -> NDArray[np.uint8]:
    """Return the square of the rear: window or doors, lamps, bumper and number plate."""
    wide, high, tail = lines.width, lines.height + 0.02, lines.contour[-1][1]
    sheet = Canvas.blank(HIGH, HIGH, wide, high, look.paint)
    if look.stripes == "block":
        sheet.rectangle(0, 0, wide, high, look.accent)
    paint_end_window(sheet, look, lines, lines.rear_glass)
    dark = darker(look.paint, 0.5)
    if look.style in ("van", "lorry"):
        sheet.line(((wide / 2, 0.1), (wide / 2, high - lines.floor - 0.3)), dark, 3)
    low = lines.cargo[2] if lines.cargo else lines.floor + 0.16
    lamps_z = low - 0.1 if lines.cargo else tail
    sheet.rectangle(0, high - low, wide, high, look.trim)
    lamp_height = {"bus": 0.5, "van": 0.4, "suv": 0.3, "hatchback": 0.24}.get(look.style, 0.1)
    for x0, x1 in ((0.02, 0.2), (0.8, 0.98)):
        sheet.rectangle(x0 * wide, high - lamps_z - lamp_height, x1 * wide, high - lamps_z + 0.1, REAR_LAMP)
        sheet.rectangle(
            (x0 + 0.05) * wide, high - lamps_z, (x1 - 0.05) * wide, high - lamps_z + 0.06, FRONT_LAMP
        )
        sheet.rectangle(
            (x0 + 0.03) * wide,
            high - lamps_z - 0.4 * lamp_height,
            (x1 - 0.03) * wide,
            high - lamps_z - 0.1 * lamp_height,
            (226, 44, 40),
        )
        sheet.rectangle(
            (x0 + 0.03) * wide, high - low - 0.06, (x1 - 0.03) * wide, high - low - 0.02, REAR_LAMP
        )
    if not lines.cargo:
        sheet.rectangle(0, high - low - 0.16, wide, high - low - 0.145, dark)
        sheet.rectangle(0.42 * wide, 0.09, 0.58 * wide, 0.13, REAR_LAMP)
    if look.style == "bus":
        for z in np.arange(low + 0.3, tail - 0.1, 0.09):
            sheet.rectangle(0.25 * wide, high - z - 0.05, 0.75 * wide, high - z, BLACK)
    sheet.line(((0.2 * wide, high - tail + 0.14), (0.8 * wide, high - tail + 0.14)), dark)
    paint_plate(sheet, look, wide / 2, high - (low + tail) / 2 - 0.02)
    paint_dirt(sheet, look, salt=5)
    return sheet.to_sheet()


def paint_wheel(look: VehicleLook) -> NDArray[np.uint8]:
    """Return the square of a wheel seen along its axle: tyre and rim, with the tread at the edge."""
    sheet = Canvas.blank(HIGH, HIGH, 2.0, 2.0, (26, 26, 27))
    metal: Colour = (172, 174, 178) if look.wheels != "steel" else (52, 53, 56)
    sheet.disc(1, 1, 0.68, darker(metal, 0.3))
    sheet.disc(1, 1, 0.63, metal if look.wheels == "disc" else (30, 30, 32))
    count = {"five": 5, "ten": 10, "disc": 7, "steel": 8}[look.wheels]
    for angle in np.arange(count) * 2 * np.pi / count:
        along, over = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        half = 0.13 if look.wheels == "five" else 0.06
        if look.wheels == "disc":
            sheet.disc(float(1 + 0.45 * along[0]), float(1 + 0.45 * along[1]), 0.05, (40, 40, 42))
        else:
            spoke = ((0, half), (0.66, half), (0.66, -half), (0, -half))
            sheet.polygon([1 + along * r + over * w for r, w in spoke], metal)
    sheet.disc(1, 1, 0.14, darker(metal, 0.2))
    return sheet.to_sheet()


def swatches(look: VehicleLook) -> NDArray[np.uint8]:
    """Return the square of plain colours for the fittings, in the order of `fittings.TRIM` to `fittings.LAMP`."""
    colours = (
        look.trim,
        (176, 178, 182),
        look.paint,
        BLACK,
        look.accent,
        (34, 35, 38),
        (238, 238, 228),
        REAR_LAMP,
    )
    tile = np.zeros((SWATCHES, SWATCHES, 4), np.uint8)
    tile[:] = (*BLACK, 255)
    tile.reshape(-1, 4)[: len(colours), :3] = colours
    return np.asarray(cv2.resize(tile, (HIGH, HIGH), interpolation=cv2.INTER_NEAREST), np.uint8)


def paint_dirt(sheet: Canvas, look: VehicleLook, salt: int) -> None:
    """Paint dust, most of it near the ground, and a few scratches.

    `salt` gives each side different marks; 0 is the sheet from above, where the dust is even.
    """
    random = np.random.default_rng((look.marks, salt))
    coarse = random.random((6, 16)).astype(np.float32)
    dust = cv2.resize(coarse, (sheet.pixels.shape[1], sheet.pixels.shape[0]), interpolation=cv2.INTER_CUBIC)
    lowness = np.linspace(0, 1, sheet.pixels.shape[0])[:, None] if salt else np.full((1, 1), 0.35)
    sheet.shade(np.clip(look.dirt * dust * (0.15 + 0.85 * lowness**3), 0, 0.8), MUD)
    for _ in range(int(look.dirt * 6)):
        x, y = random.uniform(0.1, 0.9) * sheet.width, random.uniform(0.3, 0.8) * sheet.height
        end = (x + random.uniform(0.1, 0.5), y + random.uniform(-0.1, 0.1))
        sheet.line(((x, y), end), darker(look.paint, 0.35), 1)
