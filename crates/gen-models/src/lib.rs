//! ONNX Runtime inference of image generators and CNN units for activation maximization.
