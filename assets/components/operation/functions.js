// Activations as Keras has them, in double precision.

const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

const FUNCTIONS = {
  linear: (x) => x,
  relu: (x, { negative_slope: slope = 0, max_value: limit, threshold = 0 }) =>
    Math.min(x > threshold ? x : slope * (x - threshold), limit ?? Infinity),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  leaky_relu: (x) => (x >= 0 ? x : 0.2 * x),
  selu: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  silu: (x) => x / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  tanh: Math.tanh,
};

const NAMES = {
  relu: "ReLU",
  elu: "ELU",
  gelu: "GELU",
  leaky_relu: "leaky ReLU",
  selu: "SELU",
  sigmoid: "sigmoid",
  silu: "SiLU",
  softplus: "softplus",
  tanh: "tanh",
  softmax: "softmax",
};

// Abramowitz and Stegun 7.1.26, right to 1.5e-7.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const factors = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = factors.reduce((total, factor) => (total + factor) * t, 0);
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}
