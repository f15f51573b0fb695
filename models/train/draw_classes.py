"""The 31 image classes, drawn from chance alone: no picture files, no downloads.

Each function takes a number n and returns n images [n, 3, SIZE, SIZE] in 0..1 of its
class. The order of `CLASSES` is the order of the CNN's output channels.
"""

import math

import torch

from primitives import (
    X, Y, angle, background, blend, box, cloud_texture, colour, colour_pair, dead_leaves,
    ellipse, field, filled, flat, grey, hsv, inside, paint, paint_lit, place, polar,
    power_noise, scalar, uniform, union, whole,
)  # fmt: skip

PI = math.pi


# ---- patterns that fill the image -----------------------------------------------------


def _grating(n, min_angle, max_angle):
    direction, frequency = uniform(n, min_angle, max_angle), uniform(n, 4, 13)
    position = X * field(direction.cos()) + Y * field(direction.sin())
    wave = torch.sin(position * field(frequency) + field(angle(n)))
    sharpness = uniform(n, 1.5, 9)
    return blend(torch.sigmoid(wave * field(sharpness)), *colour_pair(n))


def stripes_vertical(n):
    return _grating(n, -0.25, 0.25)


def stripes_horizontal(n):
    return _grating(n, PI / 2 - 0.25, PI / 2 + 0.25)


def stripes_diagonal(n):
    return _grating(n, PI / 4 - 0.3, PI / 4 + 0.3)


def checker(n):
    u, w = place(n, shift=1, scale=(1, 1), turn=0.8)
    frequency, sharpness = field(uniform(n, 4, 11)), field(uniform(n, 2, 8))
    across, down = torch.sin(u * frequency), torch.sin(w * frequency)
    amount = torch.tanh(across * sharpness) * torch.tanh(down * sharpness) * 0.5 + 0.5
    return blend(amount, *colour_pair(n))


def spiral(n):
    radius, turn = polar(*place(n, shift=0.25, scale=(0.8, 1.2), turn=PI))
    arms = whole(n, 1, 4) * (whole(n, 0, 2) * 2 - 1)
    phase = turn * field(arms) + field(uniform(n, 8, 16)) * radius + field(uniform(n, 0, 6))
    return blend(torch.sigmoid(4 * torch.sin(phase)), *colour_pair(n))


def rings(n):
    radius, _ = polar(*place(n, shift=0.3, scale=(0.8, 1.2), turn=0))
    wave = torch.sin(field(uniform(n, 8, 20)) * radius + field(uniform(n, 0, 6)))
    return blend(torch.sigmoid(4 * wave), *colour_pair(n))


def rays(n):
    _, turn = polar(*place(n, shift=0.25, scale=(1, 1), turn=PI))
    wave = torch.sin(turn * field(whole(n, 4, 13)))
    return blend(torch.sigmoid(5 * wave), *colour_pair(n))


def dots(n):
    u, w = place(n, shift=1, scale=(1, 1), turn=0.8)
    frequency = field(uniform(n, 4, 9)) / 2
    radius, _ = polar((u * frequency) % 1 - 0.5, (w * frequency) % 1 - 0.5)
    distance = (radius - field(uniform(n, 0.2, 0.38))) / frequency
    return blend(inside(distance), *colour_pair(n))


def brick(n):
    stone = colour(n, hue=(-0.03, 0.12), saturation=(0.3, 0.9), value=(0.35, 0.9))
    mortar = colour(n, saturation=(0, 0.2), value=(0.5, 0.95))
    mortar = mortar * torch.where(torch.rand(n) < 0.3, 0.3, 1.0).view(-1, 1)
    frequency = field(uniform(n, 2.5, 5))
    down = Y * frequency + field(uniform(n))
    row = torch.floor(down)
    across = X * frequency * 0.5 + 0.5 * (row % 2) + field(uniform(n))
    joint = torch.maximum((across % 1 - 0.5).abs() - 0.44, (down % 1 - 0.5).abs() - 0.40)
    shade_of_brick = torch.sin(torch.floor(across) * 12.9 + row * 78.2) * 0.12
    grain = 0.12 * power_noise(n, 1, (0.5, 1))
    wall = blend(torch.sigmoid(joint * 50), stone, mortar)
    return (wall * (1 + shade_of_brick.unsqueeze(1) + grain)).clamp(0, 1)


def waves(n):
    u, w = place(n, shift=1, scale=(1, 1), turn=0.3)
    bend = torch.sin(u * field(uniform(n, 5, 11)) + field(uniform(n, 0, 6)))
    wave = torch.sin((w + field(uniform(n, 0.08, 0.3)) * bend) * field(uniform(n, 7, 16)))
    return blend(torch.sigmoid(4 * wave), *colour_pair(n))


def clouds(n):
    return cloud_texture(n)


def leaf_litter(n):
    return dead_leaves(n, 40, 0.07, 0.6)


# ---- plain shapes on a background -----------------------------------------------------


def star(n):
    radius, turn = polar(*(frame := place(n, shift=0.25, scale=(0.55, 0.95), turn=PI)))
    points = field(whole(n, 5, 7))
    to_tip = ((turn * points / (2 * PI)) % 1 - 0.5).abs() * 2
    mask = inside(radius - (0.38 + 0.62 * to_tip**1.3))
    return paint_lit(background(n), mask, colour(n, saturation=(0.4, 1), value=(0.5, 1)), *frame)


def triangle(n):
    u, w = place(n, shift=0.25, scale=(0.5, 0.9), turn=0.4)
    mask = inside(torch.maximum(w - 0.6, u.abs() * 0.866 - w * 0.5 - 0.4))
    return paint_lit(background(n), mask, colour(n), u, w)


def square(n):
    u, w = place(n, shift=0.25, scale=(0.5, 0.85), turn=0.5, aspect=(0.7, 1.4))
    return paint_lit(background(n), box(u, w, 0.75, 0.75), colour(n), u, w)


def cross(n):
    u, w = place(n, shift=0.25, scale=(0.55, 0.9), turn=0.5)
    mask = union(box(u, w, 0.26, 0.95), box(u, w, 0.95, 0.26))
    return paint_lit(background(n), mask, colour(n), u, w)


def ball(n):
    u, w = place(n, shift=0.25, scale=(0.5, 0.9), turn=0, aspect=(1, 1))
    mask = inside((u**2 + w**2).sqrt() - 0.9)
    towards_viewer = (1 - (u**2 + w**2) / 0.81).clamp(min=0).sqrt()
    lamp = uniform(n, -PI, 0)
    sideways = u * field(lamp.cos()) + w * field(lamp.sin())
    light = ((sideways + towards_viewer) * 0.6).clamp(0, 1).unsqueeze(1)
    base = flat(colour(n, saturation=(0.5, 1), value=(0.5, 1)))
    surface = base * (0.15 + 0.9 * light) + 0.7 * light**12
    return paint(background(n), mask, surface.clamp(0, 1))


def donut(n):
    radius, _ = polar(*place(n, shift=0.25, scale=(0.6, 0.95), turn=0))
    across = (radius - 0.62).abs() / 0.3
    light = 0.35 + 0.75 * (1 - across**2).clamp(min=0).sqrt()
    surface = flat(colour(n)) * light.unsqueeze(1)
    return paint(background(n), inside(across * 0.3 - 0.3), surface)


def wheel(n):
    radius, turn = polar(*place(n, shift=0.2, scale=(0.65, 0.98), turn=PI, aspect=(1, 1)))
    rim, gap = colour_pair(n)
    spokes = field(whole(n, 2, 5))
    to_spoke = torch.sin(turn * spokes).abs() * radius / spokes - 0.06
    image = paint(background(n), inside(radius - 0.95), rim)
    image = paint(image, inside(radius - 0.72), gap)
    image = paint(image, inside(to_spoke) * inside(radius - 0.74), rim)
    return paint(image, inside(radius - 0.2), rim)


def letter(n):
    """One of the letters H, F, E and T (mirrored in half of the images)."""
    u, w = place(n, shift=0.2, scale=(0.6, 0.9), turn=0.2)
    stroke = 0.13
    left, right = box(u, w, stroke, 0.9, (-0.5, 0)), box(u, w, stroke, 0.9, (0.5, 0))
    top, bottom = box(u, w, 0.6, stroke, (0, -0.78)), box(u, w, 0.6, stroke, (0, 0.78))
    middle, stem = box(u, w, 0.55, stroke), box(u, w, stroke, 0.9)
    letters = torch.stack([
        union(left, right, middle),
        union(left, top, middle),
        union(left, bottom, top, middle),
        union(top, stem),
    ])  # fmt: skip
    mask = letters[torch.randint(0, len(letters), (n,)), torch.arange(n)]
    return paint(background(n), mask, colour(n, saturation=(0, 1), value=(0, 1)))


# ---- plants, scenes and things --------------------------------------------------------


def leaf(n):
    u, w = place(n, shift=0.2, scale=(0.7, 1.05), turn=PI)
    mask = inside(w.abs() - 0.45 * (1 - u**2).clamp(min=0))
    green = colour(n, hue=(0.18, 0.42), saturation=(0.4, 1), value=(0.3, 0.9))
    side_veins = (torch.sin((u + w.abs() * 0.9) * 16) > 0.8).float()
    veins = union(inside(w.abs() - 0.03), side_veins) * mask
    image = paint_lit(background(n), mask, green, u, w)
    return paint(image, veins * 0.8, green * 0.5)


def flower(n):
    u, w = place(n, shift=0.2, scale=(0.65, 1.0), turn=PI)
    radius, turn = polar(u, w)
    petals = field(whole(n, 5, 9))
    mask = inside(radius - (0.5 + 0.42 * torch.cos(turn * petals).abs()))
    petal_colour = colour(n, saturation=(0.4, 1), value=(0.6, 1))
    image = paint_lit(background(n), mask, petal_colour, u, w)
    heart = colour(n, hue=(0.08, 0.17), saturation=(0.6, 1), value=(0.6, 1))
    return paint(image, ellipse(u, w, 0.3, 0.3), heart)


def tree(n):
    u, w = place(n, shift=0.18, scale=(0.7, 1.0), turn=0.12)
    bark = colour(n, hue=(0.04, 0.1), saturation=(0.4, 0.8), value=(0.2, 0.5))
    image = paint_lit(background(n), box(u, w, 0.13, 0.55, (0, 0.5)), bark, u, w)
    crown = union(
        ellipse(u, w, 0.48, 0.48, (0, -0.5)),
        ellipse(u, w, 0.40, 0.40, (-0.38, -0.15)),
        ellipse(u, w, 0.40, 0.40, (0.38, -0.15)),
        ellipse(u, w, 0.45, 0.45, (0, -0.1)),
    )
    green = colour(n, hue=(0.2, 0.42), saturation=(0.5, 1), value=(0.25, 0.85))
    leaves = 0.25 * power_noise(n, 1, (0.6, 1.2))
    light = (1 - 0.5 * w.unsqueeze(1) + leaves).clamp(0.3, 1.6)
    return paint(image, crown, (flat(green) * light).clamp(0, 1))


def house(n):
    u, w = place(n, shift=0.18, scale=(0.65, 0.95), turn=0.08)
    wall, roof = colour_pair(n, 0.2)
    image = paint_lit(background(n), box(u, w, 0.68, 0.5, (0, 0.4)), wall, u, w, 0.25)
    image = paint(image, inside(torch.maximum(w + 0.1, u.abs() * 0.75 - (w + 0.85))), roof)
    image = paint(image, box(u, w, 0.14, 0.28, (0, 0.62)), roof * 0.5)
    for side in (-0.42, 0.42):
        window = colour(n, hue=(0.13, 0.6), saturation=(0.2, 0.6), value=(0.7, 1))
        image = paint(image, box(u, w, 0.15, 0.15, (side, 0.25)), window)
    return image


def landscape(n):
    horizon = field(uniform(n, -0.2, 0.5))
    zenith = colour(n, hue=(0.53, 0.68), saturation=(0.4, 1), value=(0.4, 1))
    haze = colour(n, hue=(0, 0.7), saturation=(0.1, 0.5), value=(0.7, 1))
    image = blend(((Y + 1) / (horizon + 1)).clamp(0, 1), zenith, haze)
    to_sun = (X - field(uniform(n, -0.8, 0.8))) ** 2 + (Y - field(uniform(n, -0.8, 0))) ** 2
    sun = colour(n, hue=(0.02, 0.16), saturation=(0.2, 1), value=(0.9, 1))
    image = paint(image, inside(to_sun.sqrt() - field(uniform(n, 0.12, 0.28))), sun)
    roll = torch.sin(X * field(uniform(n, 1, 5)) + field(uniform(n, 0, 6)))
    hill = horizon + field(uniform(n, 0.05, 0.3)) * roll
    ground = flat(colour(n, hue=(0.05, 0.42), saturation=(0.3, 0.9), value=(0.2, 0.7)))
    ground = ground * (1 + 0.25 * power_noise(n, 1))
    return paint(image, inside(hill - Y), ground.clamp(0, 1))


def mushroom(n):
    u, w = place(n, shift=0.18, scale=(0.65, 0.95), turn=0.2)
    stem = colour(n, hue=(0.05, 0.15), saturation=(0.05, 0.3), value=(0.7, 1))
    cap = colour(n, hue=(-0.06, 0.12), saturation=(0.5, 1), value=(0.4, 1))
    image = paint_lit(background(n), ellipse(u, w, 0.26, 0.6, (0, 0.45)), stem, u, w, 0.35)
    cap_mask = ellipse(u, w, 0.85, 0.75, (0, 0.05)) * inside(w - 0.1)
    image = paint_lit(image, cap_mask, cap, u, w)
    spots = ((-0.4, -0.15, 0.13), (0.05, -0.4, 0.15), (0.45, -0.1, 0.12), (0.02, -0.05, 0.1))
    for x, y, radius in spots:
        image = paint(image, ellipse(u, w, radius, radius, (x, y)), grey(n, 0.95))
    return image


# ---- animals and faces ----------------------------------------------------------------


def _skin(n):
    return hsv(uniform(n, 0.03, 0.09), uniform(n, 0.2, 0.6), uniform(n, 0.4, 1.0))


def face(n):
    u, w = place(n, shift=0.12, scale=(0.78, 1.0), turn=0.2)
    hair = colour(n, hue=(0.02, 0.14), saturation=(0.2, 0.9), value=(0.05, 0.6))
    skin = _skin(n)
    image = paint(background(n), ellipse(u, w, 0.82, 0.92, (0, -0.1)), hair)
    image = paint(image, box(u, w, 0.3, 0.3, (0, 0.95)), skin * 0.8)
    head = ellipse(u, w, 0.64, 0.84, (0, 0.1)) * inside(-0.42 + 0.2 * u - w)
    image = paint_lit(image, head, skin, u, w)
    for side in (-0.28, 0.28):
        image = paint(image, ellipse(u, w, 0.19, 0.12, (side, -0.02)), grey(n, 0.97))
        iris = colour(n, value=(0.02, 0.3))
        image = paint(image, ellipse(u, w, 0.1, 0.115, (side, -0.02)), iris)
        image = paint(image, box(u, w, 0.2, 0.035, (side, -0.22)), hair * 0.6)
    image = paint_lit(image, ellipse(u, w, 0.085, 0.19, (0, 0.22)), skin * 0.75, u, w)
    lips = colour(n, hue=(-0.03, 0.03), saturation=(0.6, 0.95), value=(0.45, 0.8))
    image = paint(image, ellipse(u, w, 0.3, 0.12, (0, 0.58)), lips)
    return paint(image, ellipse(u, w, 0.22, 0.03, (0, 0.57)), lips * 0.4)


def eye(n):
    image = filled(_skin(n)) * (1 + 0.15 * power_noise(n, 1))
    u, w = place(n, shift=0.15, scale=(0.75, 1.05), turn=0.25)
    radius, turn = polar(u, w)
    upper, lower = polar(u, w - 0.75)[0] - 1.2, polar(u, w + 0.75)[0] - 1.2
    lids = torch.maximum(upper, lower)
    opening = inside(lids)
    image = paint(image, inside(lids - 0.07), colour(n, value=(0.05, 0.4)))
    image = paint(image, opening, grey(n, 0.93))
    streaks = 0.5 + 0.5 * torch.sin(turn * field(whole(n, 8, 20)))
    iris = blend(streaks, colour(n, value=(0.3, 0.9)), colour(n, value=(0.2, 0.6)))
    image = paint(image, inside(radius - 0.42) * opening, iris)
    image = paint(image, inside(radius - 0.2) * opening, grey(n, 0.03))
    return paint(image, ellipse(u, w, 0.08, 0.08, (-0.14, -0.14)), grey(n, 1))


def fish(n):
    u, w = place(n, shift=0.2, scale=(0.65, 0.95), turn=0.4)
    scales = colour(n, saturation=(0.4, 1), value=(0.4, 1))
    tail = inside(torch.maximum(u - 0.98, w.abs() - (u - 0.42) * 0.9))
    image = paint(background(n), tail, scales * 0.7)
    bands = 0.7 + 0.3 * (torch.sin(u * 12) * 0.5 + 0.5)
    body = flat(scales) * ((1 - 0.5 * w) * bands).unsqueeze(1)
    image = paint(image, ellipse(u, w, 0.68, 0.4, (-0.15, 0)), body.clamp(0, 1))
    image = paint(image, ellipse(u, w, 0.1, 0.1, (-0.52, -0.1)), grey(n, 0.95))
    return paint(image, ellipse(u, w, 0.05, 0.05, (-0.53, -0.1)), grey(n, 0))


def butterfly(n):
    u, w = place(n, shift=0.18, scale=(0.7, 1.0), turn=0.4)
    side = u.abs()
    image = background(n)
    for wing_colour, size in zip(colour_pair(n, 0.2), (1.0, 0.6)):
        upper = ellipse(side, w, 0.42 * size, 0.5 * size, (0.5, -0.35))
        lower = ellipse(side, w, 0.36 * size, 0.38 * size, (0.42, 0.42))
        image = paint(image, union(upper, lower), wing_colour)
    return paint(image, ellipse(u, w, 0.09, 0.65), grey(n, 0.08))


def cat(n):
    u, w = place(n, shift=0.18, scale=(0.65, 0.95), turn=0.25)
    side = u.abs()
    fur = colour(n, hue=(0.03, 0.13), saturation=(0, 0.8), value=(0.15, 0.95))
    ears = inside(torch.maximum((side - 0.5).abs() * 1.6 - (w + 0.98), w + 0.2))
    image = paint(background(n), ears, fur * 0.8)
    image = paint_lit(image, ellipse(u, w, 0.78, 0.68, (0, 0.1)), fur, u, w)
    eyes = colour(n, hue=(0.1, 0.4), saturation=(0.5, 1), value=(0.7, 1))
    image = paint(image, ellipse(side, w, 0.16, 0.17, (0.33, -0.02)), eyes)
    image = paint(image, ellipse(side, w, 0.05, 0.15, (0.33, -0.02)), grey(n, 0))
    nose = colour(n, hue=(-0.05, 0.03), saturation=(0.3, 0.7), value=(0.5, 0.9))
    nose_mask = inside(torch.maximum((w - 0.34).abs() - 0.08, side - (0.42 - w)))
    image = paint(image, nose_mask, nose)
    upper_hair = inside((w - 0.42 - 0.25 * (side - 0.3)).abs() - 0.018)
    lower_hair = inside((w - 0.42 + 0.1 * (side - 0.3)).abs() - 0.018)
    extent = inside(torch.maximum(0.18 - side, side - 0.85))
    contrast = torch.where(fur.mean(1, keepdim=True) < 0.6, 0.95, 0.0).expand(n, 3)
    return paint(image, union(upper_hair, lower_hair) * extent, contrast)


CLASSES = (
    face, eye, stripes_vertical, stripes_horizontal, stripes_diagonal, checker, spiral, rings, rays,
    dots, star, triangle, square, cross, ball, donut, leaf, flower, tree, house, landscape, fish,
    mushroom, wheel, brick, waves, clouds, leaf_litter, butterfly, letter, cat,
)  # fmt: skip
NAMES = tuple(draw.__name__ for draw in CLASSES)


# ---- data sets ------------------------------------------------------------------------


def _photograph(image):
    """Uneven light, exposure, contrast, mirroring and noise; then 8-bit levels."""
    n = len(image)
    direction = angle(n)
    slope = X * field(direction.cos()) + Y * field(direction.sin())
    image = image * (1 + field(uniform(n, 0, 0.35)) * slope).unsqueeze(1)
    image = image * scalar(uniform(n, 0.75, 1.15))
    image = (image - 0.5) * scalar(uniform(n, 0.75, 1.1)) + 0.5
    mirrored = torch.rand(n) < 0.5
    image[mirrored] = image[mirrored].flip(-1)
    image = image + torch.randn_like(image) * scalar(uniform(n, 0, 0.03))
    return (image.clamp(0, 1) * 255).round().to(torch.uint8)


def draw_dataset(per_class, seed):
    """Images uint8 [per_class * 31, 3, SIZE, SIZE] class after class, and their labels."""
    torch.manual_seed(seed)
    images = []
    for draw in CLASSES:
        for start in range(0, per_class, 200):
            images.append(_photograph(draw(min(200, per_class - start))))
    labels = torch.arange(len(CLASSES)).repeat_interleave(per_class)
    return torch.cat(images), labels
