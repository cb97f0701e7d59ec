import jax
import jax.numpy as jnp

x, p = jnp.ones((64, 10, 32)), 0.5  # examples, steps, features
keep = jax.random.bernoulli(jax.random.key(0), 1 - p, (64, 1, 32))
y = jnp.where(keep, x / (1 - p), 0)
print("same at all steps:    ", bool((y == y[:, :1]).all()))
print("same for all examples:", bool((y == y[:1]).all()))
