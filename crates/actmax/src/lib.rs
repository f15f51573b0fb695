//! Find the image that a neuron wants to see, without gradients.
