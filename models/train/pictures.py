"""Sample pictures: grids of small images with names beside and above them."""

import torch
from PIL import Image, ImageDraw, ImageFont

from draw_classes import NAMES

GAP = 2
LABEL_WIDTH, LABEL_HEIGHT = 118, 14
RANDOM_CODES = 8


def to_picture(image, size):
    """A PIL image from a tensor [3, h, w] in 0..1."""
    levels = (image.clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).numpy()).resize((size, size), Image.LANCZOS)


def write_grid(path, rows, row_names, column_names=None, cell=64):
    """Save rows of image tensors; every row has a name at its left."""
    step, top = cell + GAP, LABEL_HEIGHT if column_names else 0
    width = LABEL_WIDTH + step * max(len(row) for row in rows)
    sheet = Image.new("RGB", (width, top + step * len(rows)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for column, name in enumerate(column_names or ()):
        draw.text((LABEL_WIDTH + column * step, 0), name, "black", font)
    for number, (row, name) in enumerate(zip(rows, row_names)):
        y = top + number * step
        draw.text((2, y + cell // 2 - 7), name, "black", font)
        for column, image in enumerate(row):
            sheet.paste(to_picture(image, cell), (LABEL_WIDTH + column * step, y))
    sheet.save(path, optimize=True)


def beside(path, left, right):
    """Put two saved grids beside each other into `path`."""
    pictures = [Image.open(left).copy(), Image.open(right).copy()]
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (sum(picture.width for picture in pictures), height), "white")
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (pictures[0].width, 0))
    for part in (left, right):
        part.unlink()
    sheet.save(path, optimize=True)


def write_halves(folder, name, rows, row_names, **options):
    """A long grid as two columns of rows."""
    half = (len(rows) + 1) // 2
    parts = [folder / f"{name}-{side}.png" for side in ("left", "right")]
    for part, chosen in zip(parts, (slice(None, half), slice(half, None))):
        write_grid(part, rows[chosen], row_names[chosen], **options)
    beside(folder / f"{name}.png", *parts)


def write_evolved(path, generator, evolved):
    """Evolved images of fc8 units {unit: code}, eight in a row, names above them."""
    units = sorted(evolved)
    drawn = generator(torch.stack([evolved[unit] for unit in units]))
    cell, columns = 88, 8
    height = cell + LABEL_HEIGHT + GAP
    sheet = Image.new("RGB", (columns * (cell + GAP), -(-len(units) // columns) * height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(9)
    for number, unit in enumerate(units):
        x, y = number % columns * (cell + GAP), number // columns * height
        draw.text((x, y), NAMES[unit], "black", font)
        sheet.paste(to_picture(drawn[number], cell), (x, y + LABEL_HEIGHT))
    sheet.save(path, optimize=True)


def write_pictures(folder, generator, codes, images, labels, evolved):
    """classes.png, reconstructions.png, random-codes.png and, if there are any, evolved.png.

    `codes` are those of the validation images `images` in 0..1; `evolved` holds codes of fc8
    units by number.
    """
    folder.mkdir(exist_ok=True)
    first = [int((labels == k).nonzero()[0, 0]) for k in range(len(NAMES))]
    write_halves(folder, "classes", [images[i : i + 4] for i in first], NAMES, cell=48)

    redrawn = generator(codes)
    rows = [[images[i], redrawn[i], images[i + 1], redrawn[i + 1]] for i in first]
    columns = ["image", "redrawn"] * 2
    write_halves(folder, "reconstructions", rows, NAMES, column_names=columns, cell=64)

    torch.manual_seed(3)
    directions = torch.nn.functional.normalize(torch.randn(RANDOM_CODES, codes.shape[1]), dim=1)
    norms = (50, 100, 200, 300, 400, 600, 1000, 4000)
    rows = [[generator(norm * d[None])[0] for norm in norms] for d in directions]
    names = [f"random code {k + 1}" for k in range(RANDOM_CODES)]
    columns = [f"norm {norm}" for norm in norms]
    write_grid(folder / "random-codes.png", rows, names, columns)
    if evolved:
        write_evolved(folder / "evolved.png", generator, evolved)
