import jax
import jax.numpy as jnp


def dropout(x, p):
    keep = jax.random.bernoulli(jax.random.key(0), 1 - p, x.shape)
    return jnp.where(keep, x / (1 - p), 0)


x = jnp.ones(3)
slope = jax.grad(lambda x: dropout(x, 1.0).sum())(x)
print("p = 1:          ", dropout(x, 1.0).tolist(), "gradient", slope.tolist())
print("p = 1.2:        ", dropout(x, 1.2).tolist())
print("dropped inf:    ", dropout(jnp.array([jnp.inf]), 1.0).tolist())
wide = jnp.ones(2**20, jnp.bfloat16)
for p in (0.001, jnp.bfloat16(0.001)):
    y = dropout(wide, p)
    share, given = f"{(y == 0).mean():.1%}", jnp.result_type(p)
    print("bfloat16, 0.001:", y.dtype, share, "p:", given)
