"""Measure the exported pair and write what its README shows.

    python check.py --work work

Writes the table of checks into models/README.md (between its two marks), the sample
pictures into models/pictures/ and the reference values into models/reference/.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path

import torch

import measure
from evolve import evolved_codes
from export import CNN_NAME, GENERATOR_NAME, load_pair
from nets import normalise
from pictures import write_pictures
from reference import write_reference
from settings import LAYERS, SEED

CONTRAST_NORMS = (100, 200, 300, 400, 600)
SCORE_NORMS = (50, 100, 200, 300, 450, 1000, 4000)
MARKS = ("<!-- checks: written by train/check.py -->", "<!-- end of checks -->")


def table(header, rows):
    """Lines of a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def main_table(generator, cnn, models, images, labels, codes):
    """Checks with one number each."""
    redrawn = measure.in_chunks(generator, codes)
    speed, generator_share = measure.evaluations_per_second(models)
    norms = codes.norm(dim=1)
    spectrum = measure.pixel_directions(generator, codes[::310])
    rows = [
        ("validation accuracy", f"{measure.classified_right(cnn, images, labels):.3f}"),
        ("pixel R2 of reconstructions", f"{measure.pixel_r2(images, redrawn):.3f}"),
        ("reconstructions classified right", f"{measure.classified_right(cnn, redrawn, labels):.3f}"),
        ("norm of natural codes", f"{norms.mean():.1f} (standard deviation {norms.std():.1f})"),
        ("share of zeros in natural codes", f"{(codes == 0).float().mean():.2f}"),
        ("directions with 90 / 99 / 99.9 % of the pixel metric",
         " / ".join(str(n) for n in spectrum.values()) + " of 4096"),
        ("largest difference of ONNX Runtime from PyTorch, relative to a layer's maximum",
         f"{measure.largest_difference(generator, cnn, models):.1e}"),
        ("evaluations a second (generator and CNN to fc8, batch 40, one ONNX Runtime thread)",
         f"{speed:.0f}, {generator_share:.0%} of the time in the generator"),
    ]  # fmt: skip
    return table(("check", "result"), rows)


def norm_table(generator, cnn, images, labels, codes):
    """What the norm of a code does: contrast of random codes, score of natural ones."""
    contrast = {}
    for norm in CONTRAST_NORMS:
        drawn = measure.in_chunks(generator, measure.random_codes(200, norm))
        contrast[norm] = (measure.contrast(drawn), measure.clipped_share(drawn))
    rows = [(n, f"{c:.3f}", f"{clipped:.1%}") for n, (c, clipped) in contrast.items()]
    natural = (f"{measure.contrast(images):.3f}", f"{measure.clipped_share(images):.1%}")
    rows.append(("validation images", *natural))
    lines = table(("norm of random codes", "contrast", "clipped pixel values"), rows)
    scores = measure.scores_by_norm(generator, cnn, codes, labels, SCORE_NORMS)
    own = measure.class_scores(cnn, images).gather(1, labels[:, None]).mean().item()
    row = [f"{score:.1f}" for score in scores.values()]
    header = ["norm of a validation image's code", *scores, "the image itself"]
    return [*lines, "", *table(header, [["score of its class (fc8)", *row, f"{own:.1f}"]])]


def live_table(generator, cnn, images):
    """Share of live units of each layer."""
    live = measure.live_units(generator, cnn, images)
    rows = [(name, live[name][0], *(f"{share:.3f}" for share in live[name][1:])) for name in LAYERS]
    header = (
        "layer", "units", "not constant over random codes of norm 300",
        "and active on > 5 % of images",
    )  # fmt: skip
    return table(header, rows)


def growth_table(generator, cnn, evolved):
    """How much higher the best response is beyond norm 1000 than at 300 to 450."""

    def unbounded(codes):
        return generator.unclipped(codes).clamp(0, 1)

    random = [measure.growth_random(draw, cnn) for draw in (generator, unbounded)]
    rows = []
    for layer in LAYERS:
        shares = [growth[layer] for growth in random]
        for draw in (generator, unbounded):
            codes = evolved.get(layer)
            shares.append(measure.growth_evolved(draw, cnn, layer, codes) if codes else None)
        rows.append((layer, *("-" if share is None else f"{share:+.1%}" for share in shares)))
    header = (
        "layer", "random directions", "the same, code not shortened",
        "evolved directions", "the same, code not shortened",
    )  # fmt: skip
    return table(header, rows)


def judge_table(work):
    """What the independent CNN says; empty where `judge.py` has not been run."""
    if not (work / "judge.json").exists():
        return []
    said = json.loads((work / "judge.json").read_text())
    rows = [
        ("validation images", f"{said['images']:.3f}"),
        ("validation images redrawn from their codes", f"{said['redrawn']:.3f}"),
    ]
    if "evolved" in said:
        evolved = said["evolved"]
        wrong = ", ".join(f"{own} seen as {other}" for own, other in evolved["wrong"].items())
        count = f"{evolved['right']} of {evolved['units']}"
        rows.append(("evolved images of fc8", f"{count} ({wrong or 'all right'})"))
    return ["", *table(("an independent CNN classifies right", "result"), rows)]


def file_table(models):
    """Sizes and checksums."""
    rows = [
        (path.name, path.stat().st_size, f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`")
        for path in models
    ]
    return table(("file", "bytes", "sha256"), rows)


def put_into_readme(path, lines):
    """Replace what stands between the marks."""
    text = path.read_text()
    between = re.compile(re.escape(MARKS[0]) + ".*" + re.escape(MARKS[1]), re.DOTALL)
    if not between.search(text):
        raise SystemExit(f"{path.name} lacks the marks for the checks")
    inner = "\n".join([MARKS[0], "", *lines, "", MARKS[1]])
    path.write_text(between.sub(lambda _: inner, text))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folder = Path(__file__).resolve().parent.parent
    parser.add_argument("--work", type=Path, required=True, help="folder with data.pt and pair.pt")
    parser.add_argument("--out", type=Path, default=folder, help="default: models/")
    options = parser.parse_args()
    check(options.out, options.work)


def check(folder, work):
    """Measure the pair in `folder` and write README section, pictures and reference values."""
    generator, cnn = load_pair(work)
    models = [folder / f"{name}.onnx" for name in (GENERATOR_NAME, CNN_NAME)]
    _, _, images, labels = torch.load(work / "data.pt")
    images = images.float() / 255
    torch.manual_seed(SEED + 40)
    codes = measure.in_chunks(lambda x: cnn(normalise(x))["fc6"], images)
    evolved = evolved_codes(work / "evolved")
    lines = [
        *main_table(generator, cnn, models, images, labels, codes), "",
        *norm_table(generator, cnn, images, labels, codes), "",
        *live_table(generator, cnn, images), "",
        *growth_table(generator, cnn, evolved),
        *judge_table(work), "",
        *file_table(models),
    ]  # fmt: skip
    print("\n".join(lines), flush=True)
    put_into_readme(folder / "README.md", lines)
    write_reference(folder / "reference" / "tiny-pair.json", models, generator, cnn)
    write_pictures(folder / "pictures", generator, codes, images, labels, evolved.get("fc8", {}))


if __name__ == "__main__":
    main()
