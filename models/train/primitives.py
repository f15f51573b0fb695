"""Drawing primitives: coordinates, masks, colours, textures and backgrounds.

Everything is drawn in batches. A batch of `n` images is a tensor [n, 3, SIZE, SIZE]
with values in 0..1; a mask or coordinate field is [n, SIZE, SIZE]; a colour is [n, 3];
one number for each image is [n]. Random numbers come from torch's global generator,
which the caller seeds. The x axis points right, the y axis down, both from -1 to 1.
"""

import math

import torch

SIZE = 64
_AXIS = (torch.arange(SIZE).float() + 0.5) / SIZE * 2 - 1
Y, X = torch.meshgrid(_AXIS, _AXIS, indexing="ij")

EDGE_WIDTH = 1.5 / SIZE  # width of an antialiased edge in image coordinates
LOCAL_EDGE_WIDTH = EDGE_WIDTH * 1.6  # the same in the coordinates of a smaller object


# ---- numbers and shapes of tensors ----------------------------------------------------


def uniform(n, low=0.0, high=1.0):
    """One uniform random number for each image: [n]."""
    return torch.rand(n) * (high - low) + low


def whole(n, low, high):
    """One random whole number in low..high-1 for each image, as float: [n]."""
    return torch.randint(low, high, (n,)).float()


def angle(n):
    """One random angle for each image: [n]."""
    return uniform(n, 0, 2 * math.pi)


def field(values):
    """View [n] as [n, 1, 1], to combine with coordinate fields."""
    return values.view(-1, 1, 1)


def scalar(values):
    """View [n] as [n, 1, 1, 1], to combine with images."""
    return values.view(-1, 1, 1, 1)


def flat(colour):
    """View a colour [n, 3] as an image [n, 3, 1, 1]."""
    return colour.view(-1, 3, 1, 1)


def filled(colour):
    """A writable image of one colour."""
    return flat(colour).expand(-1, 3, SIZE, SIZE).clone()


# ---- colours --------------------------------------------------------------------------


def hsv(hue, saturation, value):
    """RGB colours [n, 3] from hue (one turn is 1), saturation and value, each [n]."""
    sixth = (hue % 1) * 6

    def channel(offset):
        k = (offset + sixth) % 6
        return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)

    return torch.stack([channel(5), channel(3), channel(1)], 1)


def colour(n, hue=(0.0, 1.0), saturation=(0.2, 1.0), value=(0.25, 1.0)):
    """Random colours within ranges of hue, saturation and value."""
    return hsv(uniform(n, *hue), uniform(n, *saturation), uniform(n, *value))


def grey(n, level):
    """The same grey for all images."""
    return torch.full((n, 3), float(level))


def colour_pair(n, min_difference=0.35):
    """Two random colours whose brightness differs by `min_difference` in nearly all images."""
    first, second = colour(n), colour(n)
    for _ in range(6):
        close = (first.mean(1) - second.mean(1)).abs() < min_difference
        count = int(close.sum())
        if count == 0:
            break
        first[close] = colour(count, saturation=(0, 1), value=(0.1, 1))
        second[close] = colour(count, saturation=(0, 1), value=(0, 1))
    return first, second


def blend(amount, at_zero, at_one):
    """Image that goes from one colour to another as the field `amount` goes from 0 to 1."""
    amount = amount.unsqueeze(1)
    return flat(at_zero) * (1 - amount) + flat(at_one) * amount


# ---- masks from signed distances ------------------------------------------------------


def inside(distance, edge=EDGE_WIDTH):
    """Soft mask of the region where a signed distance is negative."""
    return torch.sigmoid(-distance / edge * 2)


def ellipse(u, w, half_width, half_height, at=(0.0, 0.0)):
    """Mask of an ellipse."""
    radius = (((u - at[0]) / half_width) ** 2 + ((w - at[1]) / half_height) ** 2).sqrt()
    return inside((radius - 1) * min(half_width, half_height), LOCAL_EDGE_WIDTH)


def box(u, w, half_width, half_height, at=(0.0, 0.0)):
    """Mask of an upright rectangle."""
    distance = torch.maximum((u - at[0]).abs() - half_width, (w - at[1]).abs() - half_height)
    return inside(distance, LOCAL_EDGE_WIDTH)


def union(*masks):
    """Mask of all points in any of the masks."""
    return torch.stack(masks).amax(0)


# ---- placing --------------------------------------------------------------------------


def place(n, shift=0.3, scale=(0.5, 0.85), turn=0.3, aspect=(0.85, 1.18)):
    """Coordinates (u, w) of an object at a random place, size, rotation and aspect."""
    centre_x, centre_y = uniform(n, -shift, shift), uniform(n, -shift, shift)
    size, rotation, stretch = uniform(n, *scale), uniform(n, -turn, turn), uniform(n, *aspect)
    x, y = X - field(centre_x), Y - field(centre_y)
    cos, sin = field(rotation.cos()), field(rotation.sin())
    u = (x * cos + y * sin) / field(size) / field(stretch)
    w = (y * cos - x * sin) / field(size) * field(stretch)
    return u, w


def polar(u, w):
    """Radius and angle of local coordinates."""
    return (u**2 + w**2).sqrt() + 1e-3, torch.atan2(w, u)


# ---- painting -------------------------------------------------------------------------


def paint(image, mask, paint_colour):
    """Lay a colour [n, 3] or an image over `image` where the mask is 1."""
    mask = mask.unsqueeze(1)
    if paint_colour.dim() == 2:
        paint_colour = flat(paint_colour)
    return image * (1 - mask) + mask * paint_colour


def paint_lit(image, mask, paint_colour, u, w, strength=0.45):
    """Like `paint`, with light that falls off across the object in a random direction."""
    direction = angle(len(image))
    slope = (u * field(direction.cos()) + w * field(direction.sin())).clamp(-1, 1)
    light = (1 + strength * slope).unsqueeze(1)
    return paint(image, mask, (flat(paint_colour) * light).clamp(0, 1))


# ---- textures and backgrounds ---------------------------------------------------------


def power_noise(n, channels=3, exponent=(0.8, 2.0)):
    """Noise with amplitude 1/f^exponent, mean 0 and variance 1 in each channel."""
    fy, fx = torch.meshgrid(torch.fft.fftfreq(SIZE), torch.fft.rfftfreq(SIZE), indexing="ij")
    frequency = (fx**2 + fy**2).sqrt().clamp(min=1 / SIZE)
    amplitude = frequency ** -scalar(uniform(n, *exponent))
    shape = (n, channels, *frequency.shape)
    spectrum = torch.complex(torch.randn(shape), torch.randn(shape)) * amplitude
    noise = torch.fft.irfft2(spectrum, s=(SIZE, SIZE))
    noise = noise - noise.mean((2, 3), keepdim=True)
    return noise / (noise.std((2, 3), keepdim=True) + 1e-6)


def cloud_texture(n):
    """Coloured noise around one colour, mostly in brightness."""
    noise = power_noise(n)
    noise = noise[:, :1] * 0.8 + noise * scalar(uniform(n, 0.1, 0.5))
    base = colour(n, saturation=(0, 0.7), value=(0.3, 0.8))
    return (flat(base) + noise * scalar(uniform(n, 0.05, 0.22))).clamp(0, 1)


def gradient(n):
    """A linear gradient between two colours in a random direction."""
    direction = angle(n)
    amount = (X * field(direction.cos()) + Y * field(direction.sin())) * 0.5 + 0.5
    return blend(amount, colour(n, saturation=(0, 0.8)), colour(n, saturation=(0, 0.8)))


def dead_leaves(n, count, min_radius, max_radius):
    """Discs over each other; radii fall off as the inverse square, as in natural scenes."""
    image = filled(colour(n))
    for _ in range(count):
        radius = min_radius * max_radius / (max_radius - uniform(n) * (max_radius - min_radius))
        x, y = X - field(uniform(n, -1.1, 1.1)), Y - field(uniform(n, -1.1, 1.1))
        disc = inside((x**2 + y**2).sqrt() - field(radius))
        image = paint(image, disc, colour(n, saturation=(0.1, 0.9), value=(0.1, 1)))
    return image


def background(n):
    """One of four kinds for each image: plain, cloud texture, gradient, large discs."""
    image = filled(colour(n, saturation=(0, 0.6)))
    kinds = torch.randint(0, 4, (n,))
    painters = (cloud_texture, gradient, lambda count: dead_leaves(count, 12, 0.2, 0.9))
    for kind, painter in enumerate(painters):
        chosen = (kinds == kind).nonzero()[:, 0]
        if len(chosen):
            image[chosen] = painter(len(chosen))
    return image
