"""Every decision about sizes, steps and seeds, in one place."""

SEED = 2026
IMAGES_PER_CLASS = 800
VALIDATION_PER_CLASS = 60

CODE_SIZE = 4096
NATURAL_NORM = 140.0  # mean norm of the codes of natural images after training

# Normalisation of the CNN's input; done by the caller, not inside the network.
INPUT_MEAN = (0.45, 0.45, 0.45)
INPUT_STD = (0.25, 0.25, 0.25)

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")

CNN_STEPS = 700
CNN_BATCH = 128
GENERATOR_STEPS = 300
GENERATOR_BATCH = 32
JOINT_STEPS = 6000
JOINT_BATCH = 32
