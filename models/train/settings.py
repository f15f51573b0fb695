"""Every decision about sizes, steps and seeds, in one place."""

SEED = 2026
IMAGES_PER_CLASS = 800
VALIDATION_PER_CLASS = 60

CODE_SIZE = 4096
NATURAL_NORM = 125.0  # mean norm of the codes of natural images after training

# The generator shortens long codes: beyond about twice SATURATION_NORM an image hardly changes.
SATURATION_NORM = 450.0
SATURATION_POWER = 4.0

# Normalisation of the CNN's input; done by the caller, not inside the network.
INPUT_MEAN = (0.45, 0.45, 0.45)
INPUT_STD = (0.25, 0.25, 0.25)

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")

BASE_STEPS = 4000
BASE_BATCH = 40
JOINT_STEPS = 10000
JOINT_BATCH = 32
REDRAW_STEPS = 4000
REDRAW_IMAGES_PER_CLASS = 1600  # drawn anew: the images before are known by heart
REDRAW_BATCH = 32
