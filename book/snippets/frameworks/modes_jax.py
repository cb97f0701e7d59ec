import jax
import jax.numpy as jnp


def dropout(x, p, key, training):
    if not training:
        return x
    keep = jax.random.bernoulli(key, 1 - p, x.shape)
    return jnp.where(keep, x / (1 - p), 0)


def report(call, y):
    zeros, most = (y == 0).mean(), y.max()
    print(f"{call:29} {zeros:4.0%} zeros, largest {most:g}")


x, key = jnp.ones(1_000_000), jax.random.key(0)
report("training=False", dropout(x, 0.2, key, False))
report("training=True", dropout(x, 0.2, key, True))
step = jax.jit(dropout, static_argnames="training")
report("compiled, training=True", step(x, 0.2, key, training=True))
try:
    jax.jit(dropout)(x, 0.2, key, training=True)
except jax.errors.TracerBoolConversionError:
    print("compiled, mode not static     an error")
