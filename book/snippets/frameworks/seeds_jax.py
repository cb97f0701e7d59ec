import jax

key = jax.random.key(7)


def mask(key):
    return jax.random.bernoulli(key, 0.5, (1000,)).tolist()


first = mask(key)
print("same key, same mask:           ", mask(jax.random.key(7)) == first)
print("next call, same mask:          ", mask(key) == first)
frozen = jax.jit(lambda: jax.random.bernoulli(key, 0.5, (1000,)))
print("compiled, next call, same:     ", (frozen() == frozen()).all())
a, b = jax.random.split(key)
print("split, same mask:              ", mask(a) == mask(b))
by_step = [mask(jax.random.fold_in(key, step)) for step in (0, 1)]
print("folded with the step, same:    ", by_step[0] == by_step[1])
